/** What the demo sells. Prices are whole cents. */
export const SEED_PRODUCTS = [
  { name: 'Amber Lighthouse Print', description: 'Screen print, 50 by 70', priceCents: 4_900, stock: 4_000 },
  { name: 'Basalt Desk Lamp', description: 'Lamp, cast stone and brass', priceCents: 12_900, stock: 2_500 },
  { name: 'Cedar Bookend', description: 'Pair of bookends, oiled cedar', priceCents: 3_450, stock: 5_000 },
  { name: 'Dune Wool Blanket', description: 'Blanket, undyed wool', priceCents: 8_900, stock: 3_000 },
  { name: 'Ember Tea Kettle', description: 'Kettle, enamelled steel', priceCents: 6_700, stock: 3_500 },
  { name: 'Fjord Compass', description: 'Compass, brass, with lid', priceCents: 5_600, stock: 4_000 },
  { name: 'Granite Mortar', description: 'Mortar and pestle', priceCents: 4_200, stock: 4_500 },
  { name: 'Harbour Wall Clock', description: 'Wall clock, quiet movement', priceCents: 7_800, stock: 2_000 },
  {
    name: 'Indigo Notebook',
    description: 'Notebook, 192 pages, thread-sewn',
    priceCents: 1_900,
    stock: 9_000,
  },
  { name: 'Juniper Soap', description: 'Soap, three bars', priceCents: 1_250, stock: 12_000 },
  { name: 'Kelp Green Mug', description: 'Mug, stoneware', priceCents: 2_400, stock: 8_000 },
  { name: 'Lantern No. 4', description: 'Lamp for storms, paraffin', priceCents: 9_900, stock: 1_500 },
] as const;
