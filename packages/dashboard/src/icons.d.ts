declare module 'virtual:tabler-icons' {
  /**
   * The shapes of each icon that ui/icons.ts names, as SVG, from the plugin in vite.config.ts; how wide their lines are is left to the
   * `<svg>` around them.
   */
  const bodies: Readonly<Record<string, string | undefined>>;

  export { bodies as default };
}
