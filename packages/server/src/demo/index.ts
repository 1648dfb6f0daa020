export { controllerApi, demoErrors } from './controller-proxy.ts';
export { type ChildSpec, Supervisor } from './supervisor.ts';
