import { defineErrors } from '../kernel/errors.ts';

export const dashboardErrors = defineErrors('dashboards', {
  unknown: { kind: 'not_found' },
  unknownVersion: { kind: 'not_found' },
  conflict: {
    kind: 'conflict',
    hint: 'Load the newer version, or save yours as a copy.',
  },
  exists: { kind: 'conflict', hint: 'Save under another uid, or ask to overwrite.' },
  builtIn: { kind: 'forbidden', hint: 'Copy it; the copy can be changed.' },
  notADashboard: { kind: 'bad_request' },
  tooLarge: { kind: 'too_large' },
  tooMany: { kind: 'unprocessable', hint: 'Remove dashboards that nobody uses.' },
});
