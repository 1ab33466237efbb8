// Parts of a page that another of our pages has: read when they are wanted, so that the page that asks stays small.

/** Read a page of the portal as it is now, by the cookie alone: it holds nothing about anybody. */
export function readPage(path) {
  return new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest();
    asking.open("GET", path);
    asking.responseType = "document";
    asking.onload = () => resolve(asking.response);
    asking.onerror = reject;
    asking.send();
  });
}

function styled(href) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = href;
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
}

/** What bills, with its dialog from the page My payments if this one has none. */
export async function loadBill() {
  const href = "/portal/static/bill.css";
  if (!document.getElementById("bill")) {
    const [page] = await Promise.all([readPage("/portal/payments"), document.querySelector(`link[href="${href}"]`) ?? styled(href)]);
    for (const id of ["bill", "domains", "sure"]) {
      if (!document.getElementById(id)) document.getElementById("main").append(document.importNode(page.getElementById(id), true));
    }
  }
  return import("./bill.js");
}
