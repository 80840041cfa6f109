import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Alerts() {
  return <Head title={useText().alerts.title} />;
}
