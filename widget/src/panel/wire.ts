// The JSON of the API, as far as the panel reads it.
export interface Span {
  start: number;
  end: number;
}

export interface Citation {
  marker: number;
  paragraph_id: string;
  doc_id: string;
  title: string;
  ordinal: number;
  text: string;
  quote: Span | null;
  source: string;
}

export interface Sentence {
  text: string;
  support: string;
  citations: Citation[];
}

export interface Hit {
  rank: number;
  paragraph_id: string;
  doc_id: string;
  title: string;
  text: string;
}

export interface Answer {
  question: string;
  understood: string;
  language: "zh" | "en";
  sentences: Sentence[];
  abstention: string | null;
  message: string | null;
  notes: { code: string; text: string }[];
  hits: Hit[];
  receipt: { answer_id: string; generation: string; llm: string };
}

export interface Paragraph {
  paragraph_id: string;
  ordinal: number;
  headings: string[];
  text: string;
  span: Span;
  source: string;
}

export interface Document {
  doc_id: string;
  title: string;
  language: "zh" | "en";
  publisher: string;
  as_of: string | null;
  source: string;
  paragraphs: Paragraph[];
}

export interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  type?: string;
}
