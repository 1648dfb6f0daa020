import type { ConfigSection, EnvBinding } from './section.ts';

/** Every environment variable of the given sections, in their order. */
export function environmentOf(
  sections: Readonly<Record<string, ConfigSection>>,
): readonly { readonly setting: string; readonly binding: EnvBinding }[] {
  return Object.values(sections).flatMap((section) =>
    section.env.map((binding) => ({ setting: [section.key, ...binding.path].join('.'), binding })),
  );
}

/** The text of `.env.example`: each variable with what it does, none of them set. */
export function envExample(sections: Readonly<Record<string, ConfigSection>>): string {
  const head = '# Read from beside the configuration file; the environment wins. Uncomment what you need.\n';
  const entries = environmentOf(sections).map(
    ({ setting, binding }) => `\n# ${binding.about} (${setting})\n# ${binding.variable}=\n`,
  );
  return head + entries.join('');
}
