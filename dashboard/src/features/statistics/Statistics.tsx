import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Statistics() {
  return <Head title={useText().statistics.title} />;
}
