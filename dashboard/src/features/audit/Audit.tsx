import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Audit() {
  return <Head title={useText().audit.title} />;
}
