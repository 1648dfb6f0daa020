import { describe, expect, it } from 'vitest';
import { discoveryShape } from '../config.ts';
import { connectionOf, connectionOfKubeconfig } from './connection.ts';

function configured(extra: object = {}) {
  const [config] = discoveryShape.kubernetes_sd_configs.parse([{ role: 'pod', ...extra }]);
  if (config === undefined) throw new Error('unreachable');
  return config;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

const KUBECONFIG = `
current-context: prod
contexts:
- {name: prod, context: {cluster: c1, user: u1, namespace: shop}}
- {name: broken, context: {cluster: c1, user: plugin}}
clusters:
- name: c1
  cluster:
    server: https://k8s.example:6443/
    certificate-authority-data: ${Buffer.from('CA PEM').toString('base64')}
users:
- {name: u1, user: {client-certificate: certs/me.pem, client-key-data: ${Buffer.from('KEY').toString('base64')}}}
- {name: plugin, user: {exec: {command: aws}}}
`;

describe('connectionOf', () => {
  it('uses the service account inside a pod', async () => {
    const connection = await connectionOf(configured(), {
      env: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' },
      readText: (path) => Promise.resolve(path === `${ACCOUNT}/namespace` ? 'shop\n' : ''),
    });
    expect(connection).toMatchObject({
      base: 'https://[fd00::1]:443',
      namespace: 'shop',
      http: { bearer_token_file: `${ACCOUNT}/token`, tls_config: { ca_file: `${ACCOUNT}/ca.crt` } },
    });
  });

  it('says what to set outside of one', async () => {
    await expect(
      connectionOf(configured(), { env: {}, readText: () => Promise.resolve('') }),
    ).rejects.toThrow(/set api_server or kubeconfig_file/);
  });

  it('reads the current context of a kubeconfig, with paths beside it', () => {
    const connection = connectionOfKubeconfig('/home/me/.kube/config', KUBECONFIG, configured());
    expect(connection).toMatchObject({
      base: 'https://k8s.example:6443',
      namespace: 'shop',
      http: {
        tls_config: {
          ca: 'CA PEM',
          cert_file: '/home/me/.kube/certs/me.pem',
          key: 'KEY',
          insecure_skip_verify: false,
        },
      },
    });
  });

  it.each([
    [KUBECONFIG.replace('current-context: prod', 'current-context: nowhere'), 'no context "nowhere"'],
    [KUBECONFIG.replace('current-context: prod', 'current-context: broken'), 'exec or auth-provider'],
    [KUBECONFIG.replace('- name: c1', '- name: c2'), 'no cluster "c1"'],
    ['[', 'not a kubeconfig'],
  ])('refuses a file that cannot be used', (text, message) => {
    expect(() => connectionOfKubeconfig('k', text, configured())).toThrow(message);
  });

  it('refuses two clusters at once, and selectors of kinds a role does not watch', () => {
    const problems = (extra: object) =>
      discoveryShape.kubernetes_sd_configs
        .safeParse([{ role: 'service', ...extra }])
        .error?.issues.map(({ message }) => message);
    expect(problems({ api_server: 'https://a', kubeconfig_file: 'b' })).toEqual([
      'use api_server or kubeconfig_file, not both',
    ]);
    expect(problems({ selectors: [{ role: 'pod', label: 'a=b' }] })).toEqual([
      'role service takes selectors of service, not of pod',
    ]);
  });
});
