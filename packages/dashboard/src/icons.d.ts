declare module 'virtual:tabler-icons' {
  import type { IconName } from './ui/icon-names.ts';

  /** The shapes of each icon as SVG, from the plugin in vite.config.ts; how wide their lines are is left to the `<svg>` around them. */
  const bodies: Readonly<Record<IconName, string>>;

  export { bodies as default };
}
