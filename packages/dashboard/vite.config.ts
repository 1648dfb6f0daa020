import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { z } from 'zod';

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

/** Where the icons are named that the dashboard has: `icon('NAME')`, each. */
const ICONS = fileURLToPath(new URL('src/ui/icons.ts', import.meta.url));

/** The module `virtual:tabler-icons`: of one file with all icons those that are named. The set as components is 18,000 files to install. */
function tablerIcons(): Plugin {
  const id = '\0virtual:tabler-icons';
  return {
    name: 'tabler-icons',
    resolveId: (source) => (source === 'virtual:tabler-icons' ? id : null),
    load(asked) {
      if (asked !== id) return null;
      const { icons } = iconSet.parse(createRequire(import.meta.url)('@iconify-json/tabler/icons.json'));
      this.addWatchFile(ICONS);
      const names = [...readFileSync(ICONS, 'utf8').matchAll(/\bicon\('([^']+)'\)/g)];
      const bodies = names.map(([, name = '']) => {
        const icon = icons[name];
        if (icon === undefined) throw new Error(`ui/icons.ts: tabler has no icon ${name}`);
        return [name, icon.body.replaceAll(' stroke-width="2"', '')] as const;
      });
      return `export default ${JSON.stringify(Object.fromEntries(bodies))};`;
    },
  };
}

/** Asks for what nearly every page needs beside the base while the base is on its way, not when it has run. */
function sharedAhead(): Plugin {
  return {
    name: 'shared-ahead',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.values(bundle)
          .filter((file) => file.type === 'chunk' && file.name === 'shared')
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `./${fileName}` },
            injectTo: 'head' as const,
          })),
    },
  };
}

/** What only some pages have, and what is large: it stays with them. */
const STAYS_WITH_ITS_PAGE =
  /codemirror|lezer|prometheus-io|uplot|src\/ui\/(?:chart|promql-editor|exemplars|inspector)\/|src\/features\//;

/**
 * Few files instead of forty: a browser asks an HTTP/1.1 server for six at once, and each part of a page that is a file of its own waits
 * for its turn. What every page begins with is one file, what many pages share another; each page and what is large has its own.
 */
const GROUPS = [
  { name: 'base', tags: ['$initial' as const], priority: 2 },
  { name: 'shared', test: (id: string) => !STAYS_WITH_ITS_PAGE.test(id), minShareCount: 3, priority: 1 },
];

export default defineConfig({
  plugins: [react(), tablerIcons(), sharedAhead(), compressed()],
  base: './',
  build: {
    outDir: 'dist',
    sourcemap: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
});
