import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Overview() {
  return <Head title={useText().overview.title} />;
}
