// A ticket says on whose behalf the panel asks: the browser itself names the page's origin in this request.
const PATIENCE_MS = 15_000;
const TOO_MANY = 429;

export interface Ticket {
  ticket: string | null;
  retry_s?: number;
}

export async function fetchTicket(base: URL, site: string): Promise<Ticket> {
  try {
    const response = await fetch(new URL("api/v1/widget/tickets", base), {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ site }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.ok) return { ticket: String((await response.json()).ticket) };
    if (response.status !== TOO_MANY) return { ticket: null };
    return { ticket: null, retry_s: Number(response.headers.get("Retry-After")) || 10 };
  } catch {
    return { ticket: null };
  }
}
