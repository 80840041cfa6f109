/**
 * What takes a while and needs nothing else, done while the scripts of the page are still on their way.
 *
 * The first of each of these that a page makes has the browser read its tables of zones and languages.
 */

{
  const wanted = localStorage.getItem("tidemill.language") ?? navigator.language.slice(0, 2);
  const language = wanted === "de" ? "de" : "en-GB";
  new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(0);
  new Intl.NumberFormat(language).format(0);
}
