/** Active probes: what looks at services from outside. */

export { KnownModules, moduleProblems } from './blackbox/known-modules.ts';
export { probeEndpoint } from './blackbox/routes.ts';
export { probeProblems } from './compile.ts';
export { modulesSection, probesSection } from './config.ts';
export { systemPing } from './probers/icmp.ts';
export { probesApi } from './routes/probes.ts';
export type { SeriesStore } from './series.ts';
export { ProbeService } from './service.ts';
export { ProbeStore } from './store.ts';
