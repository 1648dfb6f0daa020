import { type Decoder, SECRET, text } from './yaml/decode.ts';
import type { Place } from './yaml/place.ts';

/** The same for a secret address: an address, too, since older clients read what they are shown as one. */
const SECRET_ADDRESS = 'https://secret/';

export const url: Decoder<string> = (place) => checkedUrl(place, text(place));

/** An address that is a secret. */
export const secretUrl: Decoder<string> = (place) => {
  place.hide(SECRET_ADDRESS);
  const address = text(place);
  return address === SECRET ? address : checkedUrl(place, address);
};

/** The same, which a template may make. */
export const secretTemplateUrl: Decoder<string> = (place) =>
  place.text?.includes('{{') === true ? hidden(place) : secretUrl(place);

function hidden(place: Place): string | undefined {
  place.hide(SECRET_ADDRESS);
  return text(place);
}

function checkedUrl(place: Place, address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(address)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https')
    return place.refuse(`unsupported scheme "${scheme}" for URL; expected http or https`);
  if (!/^https?:\/\/[^/?#]/i.test(address)) return place.refuse('missing host for URL');
  return URL.canParse(address)
    ? address
    : place.refuse('expected an address such as https://example.org/hook');
}

export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/** `host:port`, the host of IPv6 in brackets. */
export const hostPort: Decoder<HostPort> = (place) => {
  const address = text(place);
  if (address === undefined) return undefined;
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(address);
  if (match === null)
    return place.refuse(
      `address ${address}: ${address.includes(':') ? 'too many colons in address' : 'missing port in address'}`,
    );
  const port = match[3] ?? '';
  if (port === '') return place.refuse(`address "${address}": port cannot be empty`);
  return { host: match[1] ?? match[2] ?? '', port };
};
