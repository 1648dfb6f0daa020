import { z } from 'zod';

/** A filter that may be given several times, or once with commas. */
export const listText = (what: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe(`${what} Repeat it, or separate with commas.`)
    .transform((value) =>
      value === undefined
        ? undefined
        : [value]
            .flat()
            .flatMap((text) => text.split(','))
            .filter((text) => text !== ''),
    );
