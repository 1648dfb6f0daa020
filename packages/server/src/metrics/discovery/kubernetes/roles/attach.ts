import { type LabelMap, meta, metadataLabels } from '../labels.ts';
import type { World } from '../world.ts';

/** `attach_metadata`: the labels of the node and the namespace that an object belongs to; nothing where they are not watched. */
export function attachedLabels(
  world: World,
  of: { readonly node: string; readonly namespace: string },
): LabelMap {
  const node = world.nodes.get(of.node);
  const namespace = world.namespaces.get(of.namespace);
  return {
    ...(node === undefined
      ? {}
      : { ...meta({ node_name: node.metadata.name }), ...metadataLabels('node', node.metadata) }),
    ...(namespace === undefined ? {} : metadataLabels('namespace', namespace.metadata)),
  };
}
