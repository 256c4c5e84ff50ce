#include "guest/page.h"

namespace hospes::guest {

std::string_view style() {
  return R"css(:root{color-scheme:light dark;--bg:#faf9f6;--surface:#fff;--sunken:#f3f1ec;--line:#e4e0d8;--edge:#878175;--ink:#1e1c19;--ink2:#57534b;
--ink3:#6b665c;--accent:#1f4b8e;--soft:#e8eef7;--on:#fff;--yes:#1b6b45;--yes-soft:#e6f2ea;--held:#855600;--held-soft:#fbf1dc}
@media (prefers-color-scheme:dark){:root{--bg:#14151a;--surface:#1b1d23;--sunken:#101116;--line:#2c2f37;--edge:#7a8090;--ink:#eceae4;
--ink2:#bbb8b0;--ink3:#9c998f;--accent:#8fb4ea;--soft:#202e48;--on:#10131a;--yes:#7cc79b;--yes-soft:#172e20;--held:#e0b45c;--held-soft:#33280f}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1168px;padding:0 20px 48px;background:var(--bg);color:var(--ink);font:15px/24px system-ui,sans-serif;
overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
h1,h2,h3,p,ul,dl,pre{margin:0;padding:0}
ul{list-style:none}
h1,.house{font-family:"Iowan Old Style","Palatino Linotype",Palatino,Georgia,serif;font-weight:400}
h1{font-size:30px;line-height:38px;margin:24px 0 4px}
h2{font-size:15px;font-weight:600;padding:24px 0 12px;border-bottom:1px solid var(--line)}
section>h2:first-child{padding-top:0}
h3{font-size:15px;line-height:24px;font-weight:500;min-width:0}
a{color:var(--accent);text-underline-offset:3px}
a:not(:hover){text-decoration:none}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-999em}
.skip:focus{left:20px;top:4px;background:var(--surface);padding:4px 8px;z-index:1}
.single #allow,.single #pace,.single #erase,.single #looked,.single #receipts,.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header{display:flex;flex-wrap:wrap;align-items:center;gap:4px 20px;padding:12px 0;border-bottom:1px solid var(--line)}
.house{font-size:20px;line-height:28px;flex:1}
.who{color:var(--ink2);font-size:13px}
.langs{display:flex;border:1px solid var(--edge);border-radius:6px;overflow:hidden}
.langs a{padding:4px 12px;color:var(--ink2);font-size:13px;line-height:20px}
.langs a[aria-current]{background:var(--soft);color:var(--accent);font-weight:600}
abbr{text-decoration:none}
.under,.rows p,.switch p{color:var(--ink2);font-size:13px;line-height:20px}
h1+.under{font-size:15px;line-height:24px}
.tabs{margin:16px 0 24px;border-bottom:1px solid var(--line);overflow-x:auto}
.tabs ul{display:flex;gap:24px;width:max-content;padding:2px}
.tabs a{display:block;padding:8px 0;color:var(--ink2);font-size:13px;white-space:nowrap}
.tabs a[aria-current]{color:var(--ink);font-weight:600;box-shadow:0 2px 0 var(--accent)}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:32px}
.columns section+section{margin-top:32px}
main>section+section{margin-top:32px}
h2+p,.rows+.under{padding-top:12px}
main>section{max-width:640px}
.rows>li{padding-top:12px;padding-bottom:12px;border-bottom:1px solid var(--line)}
.head{display:flex;justify-content:space-between;align-items:baseline;gap:12px}
.badge,.when{flex:none;font-size:12px;line-height:16px;color:var(--ink2)}
.badge{background:var(--sunken);border-radius:10px;padding:2px 8px}
.links{display:flex;flex-wrap:wrap;gap:4px 20px;padding-top:4px;font-size:13px;line-height:24px}
.switch{display:flex;justify-content:space-between;align-items:center;gap:16px}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
.plain{color:var(--accent);font-size:13px;line-height:24px;min-height:24px}
.plain:hover{text-decoration:underline}
[role=switch]{display:block;padding:12px 0 12px 8px}
[role=switch] span{display:block;width:32px;height:18px;border:1px solid var(--edge);border-radius:9px;padding:2px;background:var(--surface)}
[role=switch] span::before{content:"";display:block;width:12px;height:12px;border-radius:50%;background:var(--edge)}
[role=switch][aria-checked=true] span{background:var(--accent);border-color:var(--accent)}
[role=switch][aria-checked=true] span::before{background:var(--on);margin-left:14px}
.wide{display:flex;justify-content:space-between;align-items:baseline;flex-wrap:wrap;gap:0 12px;width:100%;min-height:44px;padding:9px 14px;
margin-top:12px;border:1px solid var(--edge);border-radius:6px;background:var(--surface);color:var(--ink);text-align:left}
.pair{display:flex;gap:12px}
.pair .wide{flex:1 1 0;justify-content:center}
.main{width:auto;background:var(--accent);color:var(--on);border-color:var(--accent)}
.aside{font-size:12px;color:var(--ink2)}
.links .wide{font-size:15px}
.note{border-radius:6px;padding:12px 14px;margin:0 0 24px;background:var(--yes-soft)}
.note strong{color:var(--yes);font-weight:600}
.held{background:var(--held-soft);margin:12px 0 24px}
.note a{text-decoration:underline}
details{font-size:13px;line-height:20px}
summary{color:var(--accent);min-height:24px;cursor:pointer}
dl div{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:12px;padding:2px 0}
dt{color:var(--ink2)}
dd{margin:0}
.why .holds,.why .fails{color:var(--ink);font-size:15px;line-height:24px}
.why .holds::first-letter{color:var(--yes)}
.d1{padding-left:20px}.d2{padding-left:40px}.d3{padding-left:60px}
@media (max-width:719px){h1{font-size:26px;line-height:32px}.columns{grid-template-columns:minmax(0,1fr)}.who{order:3;width:100%}}
@media (pointer:coarse){.plain,summary,.links a{min-height:44px;display:flex;align-items:center}.langs a{padding:12px 16px}.tabs a{padding:12px 0}}
@media (forced-colors:active){[role=switch] span::before{background:ButtonText}}
)css";
}

}  // namespace hospes::guest
