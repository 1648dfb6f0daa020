/** One delivery to Pharos. */
export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Ends the delivery when its time is over. */
  readonly signal: AbortSignal;
}

export interface DeliveryAnswer {
  readonly status: number;
  /** Seconds the server asked to wait, where it did. */
  readonly retryAfterSeconds: number | undefined;
}

/** Delivers a body with POST. Rejects when nothing answered in time. */
export type Transport = (delivery: Delivery) => Promise<DeliveryAnswer>;

/** Global fetch, redirects not followed; the answer's body is thrown away unread, however long it is. */
export const fetchTransport: Transport = async ({ url, headers, body, signal }) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers },
    body,
    signal,
    redirect: 'manual',
  });
  await response.body?.cancel();
  return { status: response.status, retryAfterSeconds: retryAfter(response.headers.get('retry-after')) };
};

/** The delay form of Retry-After (RFC 9110, 10.2.3), at most an hour; a date is not worth a parser here. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Math.min(Number(header), 3_600);
}
