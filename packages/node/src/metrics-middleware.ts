export {
  defaultPharos,
  instrumentHttp,
  metricsMiddleware,
  reportActiveUsers,
  reportHealth,
  stopDefaultPharos,
} from './default-instance.ts';
