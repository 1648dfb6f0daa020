export { shopSection } from './config.ts';
export { controllerApi, demoErrors } from './controller-proxy.ts';
export { type ChildSpec, Supervisor } from './supervisor.ts';
