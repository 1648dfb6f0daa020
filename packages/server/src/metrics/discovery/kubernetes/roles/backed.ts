import { hostPort, type LabelMap } from '../labels.ts';
import type { Pod, TargetRef } from '../objects.ts';
import { keyOf, type World } from '../world.ts';
import { attachedLabels } from './attach.ts';
import { containerLabels, containersOf, podLabels } from './pod.ts';

/** The pod behind an endpoint, if the reference names a watched one. */
export function podBehind(world: World, ref: TargetRef, namespace: string): Pod | undefined {
  if (ref?.kind !== 'Pod') return undefined;
  return world.pods.get(keyOf(ref.namespace || namespace, ref.name));
}

/**
 * The pods that a group of endpoints leads to, and which of their ports the endpoints name: container ports that none names
 * are targets too.
 */
export class BackingPods {
  readonly #world: World;
  readonly #named = new Map<Pod, Set<number>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Labels of the pod, and of the container that listens on the port; notes the port as named. */
  labels(pod: Pod, port: number, protocol: string): LabelMap {
    let ports = this.#named.get(pod);
    if (ports === undefined) this.#named.set(pod, (ports = new Set()));
    ports.add(port);
    for (const one of containersOf(pod)) {
      const found = one.container.ports.find(
        (candidate) => candidate.containerPort === port && (candidate.protocol || 'TCP') === protocol,
      );
      if (found !== undefined)
        return { ...podLabels(pod), ...containerLabels(pod, one, found), ...this.#attached(pod) };
    }
    return { ...podLabels(pod), ...this.#attached(pod) };
  }

  /** Container ports of the pods seen that no endpoint names. */
  others(): LabelMap[] {
    return [...this.#named].flatMap(([pod, named]) =>
      containersOf(pod).flatMap((one) =>
        one.container.ports
          .filter((port) => !named.has(port.containerPort) && pod.status.podIP !== '')
          .map((port) => ({
            __address__: hostPort(pod.status.podIP, port.containerPort),
            ...podLabels(pod),
            ...containerLabels(pod, one, port),
            ...this.#attached(pod),
          })),
      ),
    );
  }

  #attached(pod: Pod): LabelMap {
    return attachedLabels(this.#world, { node: pod.spec.nodeName, namespace: '' });
  }
}
