// The home page stands beside what React draws. A link of the navigation that React would follow by itself is followed by the browser
// instead, or the new page would be drawn above this one.
(() => {
  "use strict";
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target.closest("#app a[href], .ant-menu-submenu-popup a[href]");
      const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.target === "_blank" || link.getAttribute("href").startsWith("#")) return;
      const address = new URL(link.href, window.location.href);
      if (address.origin !== window.location.origin) return;
      event.preventDefault();
      event.stopPropagation();
      window.location.assign(address.href);
    },
    true,
  );
})();
