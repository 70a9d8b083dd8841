// Asks the service on behalf of its portal: a ticket becomes a token, which lives in this variable alone.
import { embedded, tell } from "./parent";

const TICKET_MS = 20_000;

export class SessionError extends Error {}
export class BusyError extends Error {
  constructor(readonly seconds: number) {
    super("busy");
  }
}

const base = new URL("../", location.href);
let token: Promise<string> | null = null;
let arrived: ((ticket: string | null, retryS?: number) => void) | null = null;

// A ticket from the loader, or the one that a frame without script was served with.
export function redeem(ticket: string | null, retryS?: number): void {
  if (arrived) arrived(ticket, retryS);
  else if (ticket !== null) begin(exchange(ticket));
}

export async function call(path: string, request: RequestInit = {}): Promise<Response> {
  const first = token ?? begin(renew());
  const response = await send(path, request, await first);
  if (response.status !== 401) return settled(response);
  // Whoever notices first renews; the others wait for the same new token.
  const second = token === first || token === null ? begin(renew()) : token;
  return settled(await send(path, request, await second));
}

async function send(path: string, request: RequestInit, bearer: string): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${bearer}`);
  return fetch(new URL(path, base), { ...request, headers, credentials: "omit", cache: "no-store" });
}

function settled(response: Response): Response {
  if (response.status === 429) throw new BusyError(retryAfter(response));
  if (response.status === 401 || response.status === 403) throw new SessionError();
  return response;
}

const retryAfter = (response: Response) => Math.max(1, Math.ceil(Number(response.headers.get("Retry-After")) || 10));

function begin(coming: Promise<string>): Promise<string> {
  token = coming;
  coming.catch(() => {
    if (token === coming) token = null;
  });
  return coming;
}

async function exchange(ticket: string): Promise<string> {
  const response = await fetch(new URL("api/v1/widget/sessions", base), {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ticket }),
  });
  if (response.status === 429) throw new BusyError(retryAfter(response));
  if (!response.ok) throw new SessionError();
  return String((await response.json()).token);
}

async function renew(): Promise<string> {
  return exchange(await (embedded() ? askLoader() : askOwnPage()));
}

function askLoader(): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(null), TICKET_MS);
    const finish = (ticket: string | null, retryS?: number) => {
      clearTimeout(timer);
      arrived = null;
      if (ticket !== null) resolve(ticket);
      else reject(retryS ? new BusyError(retryS) : new SessionError());
    };
    arrived = finish;
    tell({ type: "ticket" });
  });
}

// A frame without script has no loader to ask: its own page, served anew, carries a new ticket.
async function askOwnPage(): Promise<string> {
  const response = await fetch(location.href, { credentials: "omit", cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const ticket = page.body.dataset["ticket"];
  if (!ticket) throw new SessionError();
  return ticket;
}
