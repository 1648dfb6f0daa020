import { z } from 'zod';
import { DEFAULT_TENANT } from '../../../http/admit.ts';
import type { HttpApp } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { alertErrors } from '../../errors.ts';
import { isExpired, type LinkTokens } from '../links/tokens.ts';
import type { Rota } from '../rota.ts';
import { daysOfWeeks } from '../schedule/days.ts';
import { icalendar } from '../schedule/ical.ts';
import type { Schedule, Turn } from '../schedule/schedule.ts';
import { shiftsBetween } from '../schedule/shifts.ts';

export interface SchedulesApiOptions {
  readonly clock: Clock;
  readonly rota: Rota;
  readonly tokens: LinkTokens;
  externalUrl(): string;
}

const DAY_MS = 86_400_000;
const MOST_SPAN_MS = 200 * DAY_MS;
/** Dates end in the year 275760; the weeks after this one are whole. */
const MOST_AT = 8.64e15 - 365 * DAY_MS;
/** What a calendar holds: enough of the past to see who had it, of the future to plan. */
const CALENDAR_PAST_MS = 30 * DAY_MS;
const CALENDAR_FUTURE_MS = 120 * DAY_MS;

const tags = ['on call'];
const time = z.number().describe('Epoch ms.');
const schedulePath = z.object({ name: z.string().max(200) });
/** The end of the year 9999: what is reckoned from it is a time still. */
const LAST_MS = 253_402_300_799_999;
const moment = z.coerce.number().int().min(0).max(LAST_MS).describe('Epoch ms.');
const shift = z.object({
  from: time,
  until: time,
  person: z.string().nullable().describe('Null when nobody is on call.'),
  by: z.enum(['layer', 'override']).nullable(),
  source: z.string().describe('Name of the layer, or id of the override.'),
});
const override = z.object({ id: z.string(), person: z.string(), from: time, until: time });
const schedule = z.object({
  name: z.string(),
  time_zone: z.string(),
  layers: z.array(
    z.object({
      name: z.string(),
      people: z.array(z.string()),
      turn_seconds: z.number().describe('By the clock on the wall.'),
      restricted: z.boolean().describe('On call at some times of the day or week only.'),
    }),
  ),
  overrides: z.array(override),
  on_call: shift.describe('Now; its beginning is cut at now.'),
  next: shift.nullable().describe('Who follows; null when nobody does within 31 days.'),
  calendar_url: z.string().describe('For calendars that subscribe to it; it needs no login.'),
});

/** Schedules: who is on call, shifts, those who stand in, calendars. */
export function scheduleRoutes(app: HttpApp, options: SchedulesApiOptions): void {
  reading(app, options);
  weeks(app, options);
  calendar(app, options);
  standingIn(app, options);
}

function reading(app: HttpApp, options: SchedulesApiOptions): void {
  const { rota, clock } = options;
  app.get(
    '/api/v1/oncall/schedules',
    {
      schema: {
        tags,
        summary: 'Schedules, with who is on call now and who follows',
        response: { 200: z.object({ schedules: z.array(schedule), people: z.array(z.string()) }) },
      },
    },
    () => ({
      schedules: rota.schedules().map((one) => shownSchedule(one, options)),
      people: rota.people.map(({ name }) => name),
    }),
  );
  app.get(
    '/api/v1/oncall/schedules/:name/shifts',
    {
      schema: {
        tags,
        summary: 'Who is on call from one time to another, gaps too',
        params: schedulePath,
        querystring: z.object({
          from: moment.optional().describe('Epoch ms; now when absent.'),
          until: moment.optional().describe('Epoch ms; 28 days later when absent, at most 200.'),
        }),
        response: { 200: z.object({ shifts: z.array(shift) }) },
      },
    },
    ({ params, query }) => {
      const from = query.from ?? clock.now();
      const until = query.until ?? from + 28 * DAY_MS;
      if (until <= from || until - from > MOST_SPAN_MS)
        throw alertErrors.make('invalid', 'expected "until" after "from", and at most 200 days later');
      return { shifts: shiftsBetween(rota.schedule(params.name), from, until).map(shownShift) };
    },
  );
}

/** Weeks as they are drawn: days by the schedule's own clock, and the shifts over them. */
function weeks(app: HttpApp, { rota, clock }: SchedulesApiOptions): void {
  app.get(
    '/api/v1/oncall/schedules/:name/weeks',
    {
      schema: {
        tags,
        summary: "A schedule's weeks, Monday first, with who is on call when",
        params: schedulePath,
        querystring: z.object({
          at: moment.optional().describe('Epoch ms, in the first week; now when absent.'),
          weeks: z.coerce.number().int().min(1).max(12).default(4),
        }),
        response: {
          200: z.object({
            time_zone: z.string(),
            days: z
              .array(z.object({ date: z.string(), from: time, until: time }))
              .describe('23 or 25 hours long where clocks are changed.'),
            shifts: z.array(shift),
          }),
        },
      },
    },
    ({ params, query }) => {
      const found = rota.schedule(params.name);
      const days = daysOfWeeks(found.zone, Math.min(query.at ?? clock.now(), MOST_AT), query.weeks);
      const [from, until] = [days[0]?.from ?? 0, days.at(-1)?.until ?? 0];
      return {
        time_zone: found.zone,
        days: [...days],
        shifts: shiftsBetween(found, from, until).map(shownShift),
      };
    },
  );
}

/** A calendar asks without a login: its address holds what lets it in. */
function calendar(app: HttpApp, { rota, clock, tokens }: SchedulesApiOptions): void {
  const isGranted = (name: string, token: string): boolean => {
    const grant = tokens.read(token);
    return grant?.purpose === 'calendar' && grant.of === name && !isExpired(grant, clock.now());
  };
  app.get(
    '/api/v1/oncall/schedules/:name/calendar.ics',
    {
      config: {
        credentials: ({ params, query }) => {
          const [path, asked] = [schedulePath.safeParse(params), tokenQuery.safeParse(query)];
          return path.success && asked.success && isGranted(path.data.name, asked.data.token ?? '')
            ? { user: '', tenants: [DEFAULT_TENANT], tenant: DEFAULT_TENANT }
            : null;
        },
      },
      schema: {
        tags,
        summary: 'A schedule as iCalendar, from 30 days ago to 120 days ahead',
        params: schedulePath,
        querystring: tokenQuery,
      },
    },
    ({ params }, reply) => {
      const now = clock.now();
      // Whole days, so that an event keeps its identity from one reading to the next.
      const from = Math.floor((now - CALENDAR_PAST_MS) / DAY_MS) * DAY_MS;
      const shifts = shiftsBetween(
        rota.schedule(params.name),
        from,
        from + CALENDAR_PAST_MS + CALENDAR_FUTURE_MS,
      );
      // What is cut at an end would be another event tomorrow.
      const whole = shifts.length > 2 ? shifts.slice(1, -1) : shifts;
      return reply
        .header('cache-control', 'no-store')
        .type('text/calendar; charset=utf-8')
        .send(icalendar(params.name, whole, now));
    },
  );
}

const tokenQuery = z.object({ token: z.string().max(2000).optional() });

function standingIn(app: HttpApp, { rota }: SchedulesApiOptions): void {
  app.post(
    '/api/v1/oncall/schedules/:name/overrides',
    {
      schema: {
        tags,
        summary: 'Lets somebody stand in',
        params: schedulePath,
        body: z.object({ person: z.string().max(200), from: moment, until: moment }),
        response: { 201: override },
      },
    },
    async ({ params, body, user }, reply) => {
      const { id, person, from, until } = await rota.add({ schedule: params.name, ...body, by: user });
      return await reply.code(201).send({ id, person, from, until });
    },
  );
  app.delete(
    '/api/v1/oncall/schedules/:name/overrides/:id',
    {
      schema: {
        tags,
        summary: 'Ends that somebody stands in; overrides of the file are changed there',
        params: schedulePath.extend({ id: z.string().max(200) }),
        response: { 204: z.null() },
      },
    },
    async ({ params }, reply) => {
      await rota.remove(params.name, params.id);
      return await reply.code(204).send(null);
    },
  );
}

function shownSchedule(
  one: Schedule,
  { clock, tokens, externalUrl }: SchedulesApiOptions,
): z.output<typeof schedule> {
  const now = clock.now();
  const { name, zone, layers, overrides } = one;
  const [current, next] = shiftsBetween(one, now, now + 31 * DAY_MS);
  const token = tokens.sign({ purpose: 'calendar', of: name, to: '', expiresAt: 0 });
  return {
    name,
    time_zone: zone,
    layers: layers.map((layer) => ({
      name: layer.name,
      people: [...layer.people],
      turn_seconds: layer.lengthMs / 1000,
      restricted: layer.during !== null,
    })),
    overrides: overrides
      .filter(({ until }) => until > now)
      .map(({ id, person, from, until }) => ({ id, person, from, until })),
    on_call: shownShift(current ?? { from: now, until: now, turn: null }),
    next: next === undefined ? null : shownShift(next),
    calendar_url: `${externalUrl()}/api/v1/oncall/schedules/${encodeURIComponent(name)}/calendar.ics?token=${token}`,
  };
}

function shownShift({
  from,
  until,
  turn,
}: {
  readonly from: number;
  readonly until: number;
  readonly turn: Turn | null;
}): z.output<typeof shift> {
  if (turn === null) return { from, until, person: null, by: null, source: '' };
  const { person, by } = turn;
  return { from, until, person, by: by.kind, source: by.kind === 'layer' ? by.layer : by.id };
}
