import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { z } from 'zod';
import { ICON_NAMES } from './src/ui/icon-names.ts';

/** Smaller files are sent as they are, as the server does with all answers. */
const LEAST_COMPRESSED = 2048;

/** Files as browsers take them, beside the plain ones: the server need not compress them at each request. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle({ dir = '' }, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        const content = file.type === 'chunk' ? file.code : file.source;
        if (content.length >= LEAST_COMPRESSED && /\.(?:js|css)$/.test(name))
          writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

const iconSet = z.object({ icons: z.record(z.string(), z.object({ body: z.string() })) });

/** The module `virtual:tabler-icons`: of one file with all icons those that are named. The set as components is 18,000 files to install. */
function tablerIcons(): Plugin {
  const id = '\0virtual:tabler-icons';
  return {
    name: 'tabler-icons',
    resolveId: (source) => (source === 'virtual:tabler-icons' ? id : null),
    load(asked) {
      if (asked !== id) return null;
      const { icons } = iconSet.parse(createRequire(import.meta.url)('@iconify-json/tabler/icons.json'));
      const bodies = ICON_NAMES.map((name) => {
        const icon = icons[name];
        if (icon === undefined) throw new Error(`ui/icon-names.ts: tabler has no icon ${name}`);
        return [name, icon.body.replaceAll(' stroke-width="2"', '')] as const;
      });
      return `export default ${JSON.stringify(Object.fromEntries(bodies))};`;
    },
  };
}

export default defineConfig({
  plugins: [react(), tablerIcons(), compressed()],
  base: './',
  build: { outDir: 'dist', sourcemap: false, assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
});
