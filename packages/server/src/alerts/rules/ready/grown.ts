/** By how much counters grew within a window. One that appeared within it grew from nothing, which `increase` cannot know. */
export function grown(series: string, window: string): string {
  return `((${series} unless ${series} offset ${window}) or increase(${series}[${window}]))`;
}
