/** The page's style: the dashboard's palette, both themes, nothing loaded. */
export const STYLE = `
:root{--ground:#f6f7f9;--surface:#fff;--line:#e2e6eb;--ink:#161a20;--ink-3:#5f6a79;--accent:#2353c9;--good:#12764a;--warn:#8a5600;--bad:#c02620;--none:#c6cdd7}
@media (prefers-color-scheme:dark){:root{--ground:#0e1116;--surface:#13171d;--line:#222933;--ink:#e6eaf0;--ink-3:#8792a1;--accent:#82aaff;--good:#4ac08a;--warn:#f2b344;--bad:#ff7369;--none:#343d4a}}
body{margin:0;background:var(--ground);color:var(--ink);font:400 15px/24px "Inter","Segoe UI",system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:760px;margin:0 auto;padding:32px 16px 64px}
h1{font-size:24px;line-height:32px;margin:0 0 16px}h2{font-size:16px;margin:32px 0 8px}h3{font-size:15px;margin:0 0 4px}
a{color:var(--accent)}a:focus-visible,button:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.overall{margin:0;padding:16px;border:1px solid var(--line);border-left-width:4px;border-radius:6px;background:var(--surface);font-weight:600}
.overall.operational{border-left-color:var(--good)}.overall.degraded{border-left-color:var(--warn)}.overall.down{border-left-color:var(--bad)}.overall.maintenance{border-left-color:var(--accent)}
.about,.name,.incident{overflow-wrap:anywhere}
.components{list-style:none;margin:0;padding:0;border:1px solid var(--line);border-radius:6px;background:var(--surface)}
.components li{padding:12px 16px}.components li+li{border-top:1px solid var(--line)}
.top,.ends{display:flex;justify-content:space-between;gap:12px}.name{font-weight:500}.state{white-space:nowrap}
.state.operational{color:var(--good)}.state.degraded{color:var(--warn)}.state.down{color:var(--bad)}.state.maintenance{color:var(--accent)}.state.unknown,.quiet{color:var(--ink-3)}
.quiet{font-size:13px;font-weight:400}
svg{display:block;width:100%;height:28px;margin:4px 0}.up{fill:var(--good)}.lost{fill:var(--bad)}.none{fill:var(--none)}
.incident{margin:12px 0;padding:12px 16px;border:1px solid var(--line);border-left:4px solid var(--warn);border-radius:6px;background:var(--surface)}
.incident.critical,.incident.major{border-left-color:var(--bad)}.incident.maintenance{border-left-color:var(--accent)}.incident p{margin:8px 0 0}
.note{margin:0 0 16px;padding:8px 12px;border:1px dashed var(--ink-3);border-radius:6px}
form{display:flex;flex-wrap:wrap;gap:8px;align-items:center}label{flex:1 1 100%}input{flex:1 1 240px;min-height:40px;padding:0 8px;border:1px solid var(--ink-3);border-radius:6px;background:var(--surface);color:var(--ink);font:inherit}
button{min-height:40px;padding:0 16px;border:0;border-radius:6px;background:var(--accent);color:var(--ground);font:inherit}
footer{margin-top:48px}
`.replaceAll('\n', '');
