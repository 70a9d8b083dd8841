// What loader and panel say to each other. Version 1: every message carries `wfc: 1`.
export type Language = "zh" | "en";
export type Theme = "auto" | "light" | "dark";

export interface Options {
  lang: Language;
  theme: Theme;
  mode: "launcher" | "inline";
  title: string;
  greeting: string;
  suggestions: string[];
  documents: string[];
  accent: string;
  radius: string;
  font: string;
}

export type ToPanel =
  // Without a ticket the loader got none: `retry_s` says when to ask again, where the server said so.
  | { type: "hello"; ticket: string | null; retry_s?: number; options: Options }
  | { type: "ask"; question: string }
  | { type: "open" }
  | { type: "theme"; theme: Theme };

export type ToLoader =
  | { type: "ready" }
  | { type: "ticket" }
  | { type: "close" }
  | { type: "resize"; height: number }
  | { type: "answer"; question: string; abstention: string | null; sentences: number };

export const sealed = <Message>(message: Message) => ({ wfc: 1, ...message });

// Messages come from anyone: only an object of our version with a type is looked at further.
export function unsealed<Message extends { type: string }>(data: unknown): Message | null {
  const message = data as { wfc?: unknown; type?: unknown } | null;
  return message && typeof message === "object" && message.wfc === 1 && typeof message.type === "string"
    ? (data as Message)
    : null;
}
