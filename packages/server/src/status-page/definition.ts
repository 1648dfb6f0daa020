import { z } from 'zod';

const MOST_COMPONENTS = 200;

const word = (most: number) => z.string().min(1).max(most);

/** What a line of the page stands for. What it is called inside is never shown. */
const source = z.union([z.strictObject({ probe: word(100) }), z.strictObject({ service: word(200) })]);

const componentFields = {
  /** What the public calls it. */
  name: word(100),
  of: source,
  /** Whether the time of its looks is shown; for probes. */
  response_time: z.boolean().default(false),
};

const component = z.strictObject({
  /** Its public name in addresses, made at random so that it tells nothing. */
  id: z.string().regex(/^[a-z0-9]{12}$/),
  ...componentFields,
});

/** The public status page. */
export const statusPage = z.strictObject({
  enabled: z.boolean(),
  title: word(100),
  description: z.string().max(2000),
  /** Whether readers may have a webhook told. */
  webhooks: z.boolean(),
  groups: z
    .array(z.strictObject({ name: z.string().max(100), components: z.array(component).max(100) }))
    .max(50),
});

export type StatusPage = z.output<typeof statusPage>;
export type Component = z.output<typeof component>;

/** As it is sent: components without an id get one. */
export const writtenPage = z.strictObject({
  enabled: z.boolean().default(false),
  title: word(100).default('Status'),
  description: z.string().max(2000).default(''),
  webhooks: z.boolean().default(false),
  groups: z
    .array(
      z.strictObject({
        name: z.string().max(100).default(''),
        components: z
          .array(z.strictObject({ id: component.shape.id.optional(), ...componentFields }))
          .max(100),
      }),
    )
    .max(50)
    .default([])
    .superRefine((groups, context) => {
      const ids = groups.flatMap(({ components }) => components.flatMap(({ id }) => id ?? []));
      const twice = ids.find((id, i) => ids.indexOf(id) !== i);
      if (twice !== undefined)
        context.addIssue({ code: 'custom', message: `the id "${twice}" is used twice; leave one out` });
      if (groups.reduce((sum, { components }) => sum + components.length, 0) > MOST_COMPONENTS)
        context.addIssue({ code: 'custom', message: `expected at most ${MOST_COMPONENTS} components` });
    }),
});

export const NO_PAGE: StatusPage = {
  enabled: false,
  title: 'Status',
  description: '',
  webhooks: false,
  groups: [],
};

const phase = z.enum(['investigating', 'identified', 'monitoring', 'resolved', 'planned']);
const impact = z.enum(['minor', 'major', 'critical', 'maintenance']);
export type Impact = z.output<typeof impact>;

const update = z.strictObject({ at: z.number(), phase, text: word(5000) });

/** Something that happened, or is planned, in words for the public. Times in epoch ms. */
export const incident = z.strictObject({
  id: z.string(),
  title: word(200),
  impact,
  /** Ids of components. */
  components: z.array(z.string().max(12)).max(MOST_COMPONENTS),
  at: z.number(),
  /** The newest first; the first says whether it is over. */
  updates: z.array(update).min(1).max(200),
});
export type Incident = z.output<typeof incident>;

export const writtenIncident = z.strictObject({
  title: word(200),
  impact: impact.default('minor'),
  components: z.array(z.string().max(12)).max(MOST_COMPONENTS).default([]),
  phase: phase.default('investigating'),
  text: word(5000),
});

export const writtenUpdate = z.strictObject({ phase, text: word(5000) });

export function isOver({ updates }: Incident): boolean {
  return updates[0]?.phase === 'resolved';
}

/** Who wants to be told. */
export const subscriber = z.strictObject({
  id: z.string(),
  /** The one kind there is so far; mail will be another. */
  channel: z.literal('webhook'),
  address: z.url({ protocol: /^https?$/ }).max(2000),
  /** Who knows it may confirm and unsubscribe. */
  token: z.string().min(20),
  confirmed: z.boolean(),
  at: z.number(),
});
export type Subscriber = z.output<typeof subscriber>;
