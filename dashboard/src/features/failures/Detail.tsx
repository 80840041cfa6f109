import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function Detail() {
  return <Head title={useText().failures.title} />;
}
