import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Access() {
  return <Head title={useText().access.title} />;
}
