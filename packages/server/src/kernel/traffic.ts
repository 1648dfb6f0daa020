/** Routes that monitors call. */
const MONITORED_ROUTES = '/metrics|/ping|/ready|/live|/health(/.*)?';

/** PromQL matcher of what services are asked, by users and by each other: what monitors call is no traffic. */
export const TRAFFIC = `route!~"${MONITORED_ROUTES}"`;

/** The same without what services ask each other. */
export const OUTSIDE_TRAFFIC = `route!~"${MONITORED_ROUTES}|/internal/.*"`;
