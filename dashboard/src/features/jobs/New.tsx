import { Head } from "../../design/Page";
import { useText } from "../../i18n/text";

export function New() {
  return <Head title={useText().jobs.new} />;
}
