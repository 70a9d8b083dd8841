// One answer as it comes: Server-Sent Events, taken up again after a cut, asked anew where the server forgot them.
import { call } from "./session";
import type { Answer, Problem, Sentence } from "./wire";

const CUTS = 8;
// How often a question is asked at most, where its stream is lost again and again.
const ASKINGS = 4;
const LONGEST_WAIT_MS = 8000;
// The stream's end that says no more than that it must be asked again: its maker died, or nobody was heard reading.
const LOST = /\/stream-(cut|stopped)$/;
// The server's heart beats more often, however long a model takes.
const SILENCE_MS = 45_000;

export interface Asked {
  question: string;
  history: string[];
  filters: { doc_ids: string[] };
}

export interface Listener {
  understood(question: string): void;
  sentence(sentence: Sentence): void;
  answer(answer: Answer): void;
  cut(): void;
  restarted(): void;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? "");
  }
}

interface Frame {
  id: string;
  event: string;
  data: string;
}

// Resolves once the answer is whole; rejects with what went wrong, or as aborted.
export async function follow(asked: Asked, listener: Listener, signal: AbortSignal): Promise<void> {
  let last = "";
  let waitMs = 500;
  for (let cuts = 0, askings = 1; ; ) {
    try {
      const response = last ? await resume(last, signal) : await ask(asked, signal);
      const forgotten = last && (response.status === 404 || response.status === 204);
      if (forgotten) last = "";
      else if (!response.ok) throw await failure(response);
      else if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
        listener.answer((await response.json()) as Answer);
        return;
      } else {
        for await (const frame of frames(response, signal, (ms) => (waitMs = ms))) {
          if (lost(frame)) {
            last = "";
            break;
          }
          last = frame.id || last;
          // The stream's name alone is no progress.
          if (frame.data) cuts = 0;
          if (deliver(frame, listener)) return;
        }
      }
    } catch (error) {
      // The server would halt by itself, but only after it has waited for us to come back.
      if (signal.aborted && last) call(streamOf(last), { method: "DELETE", keepalive: true }).catch(() => {});
      // Only a broken connection is worth another try: fetch names it TypeError, a silent stream TimeoutError.
      const broken = error instanceof TypeError || (error as Error).name === "TimeoutError";
      if (signal.aborted || !broken || cuts >= CUTS) throw error;
    }
    if (!last && ++askings > ASKINGS + cuts) throw new TypeError("lost");
    if (++cuts > CUTS) throw new TypeError("cut");
    listener.cut();
    await pause(Math.min(waitMs * 2 ** (cuts - 1), LONGEST_WAIT_MS), signal);
    if (!last) listener.restarted();
  }
}

const lost = ({ event, data }: Frame) => event === "problem" && LOST.test((JSON.parse(data) as Problem).type ?? "");
const streamOf = (last: string) => `api/v1/answers/${encodeURIComponent(last.slice(0, last.lastIndexOf(".")))}`;

const ask = (asked: Asked, signal: AbortSignal) =>
  call("api/v1/answers", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify(asked),
    signal,
  });

const resume = (last: string, signal: AbortSignal) =>
  call(`${streamOf(last)}/events`, {
    headers: { Accept: "text/event-stream", "Last-Event-ID": last },
    signal,
  });

// True after the last event.
function deliver({ event, data }: Frame, listener: Listener): boolean {
  if (event === "understood") listener.understood(JSON.parse(data).question as string);
  else if (event === "sentence") listener.sentence(JSON.parse(data) as Sentence);
  else if (event === "answer") listener.answer(JSON.parse(data) as Answer);
  else if (event === "problem") throw new ProblemError(JSON.parse(data) as Problem);
  return event === "answer";
}

async function failure(response: Response): Promise<Error> {
  // A proxy before a server that restarts says 502 to 504: the connection is what broke.
  if (response.status >= 502) return new TypeError("not ready");
  const problem = (await response.json().catch(() => ({}))) as Problem;
  return new ProblemError({ status: response.status, ...problem });
}

async function* frames(response: Response, signal: AbortSignal, retry: (ms: number) => void): AsyncGenerator<Frame> {
  // Decoded here: a stream piped through a decoder loses, where it breaks, what had come before.
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await heard(reader.read(), signal);
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const parts = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = parts.pop() ?? "";
      for (const part of parts) {
        const frame = parse(part, retry);
        if (frame.data || frame.id) yield frame;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parse(part: string, retry: (ms: number) => void): Frame {
  const frame: Frame = { id: "", event: "message", data: "" };
  for (const line of part.split(/\r\n|\n|\r/)) {
    const [, field, value = ""] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "id") frame.id = value;
    else if (field === "event") frame.event = value;
    else if (field === "data") frame.data += (frame.data && "\n") + value;
    else if (field === "retry" && /^\d+$/.test(value)) retry(Math.max(Number(value), 100));
  }
  return frame;
}

function heard<Value>(coming: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("silent", "TimeoutError")), SILENCE_MS);
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    coming.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    }, { once: true });
  });
}
