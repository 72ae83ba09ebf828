package io.sonde.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.sonde.model.Metadata;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every signature here was computed by Python 3 from the JSON that stands beside it. */
class MessageSignatureTest {
  private static final String DEFAULT = "change this for valid signing";

  static List<Arguments> vectors() {
    return List.of(
        Arguments.of(
            "not-so-secret",
            "{'a':'A','b':'B'}",
            "698a5f64f76b33a057952a573da6f05582f7539f458c7dcf92b03224272514ed"),
        Arguments.of(
            DEFAULT,
            "{'a':'A','b':'B'}",
            "3f42ea5a076d4940c85a8f57e99193097b50269a0db31e4e1c5600a33df6bebd"),
        Arguments.of(
            DEFAULT,
            "{'source':'openstack','counter_name':'cpu','counter_type':'cumulative',"
                + "'counter_unit':'ns','counter_volume':120000000000,'user_id':null,"
                + "'project_id':'p1','resource_id':'r1','timestamp':'2016-01-01T12:00:00',"
                + "'resource_metadata':{},'message_id':'m1','monotonic_time':null}",
            "f27e3785574ed85effdbd096a3ef12ec3edbadb5968a1ab45baa2dd534fc231d"),
        Arguments.of(
            DEFAULT,
            "{'counter_volume':1.0,'resource_metadata':{'flavor':{'id':'1','ram':512},"
                + "'tags':['x','y'],'ok':true,'none':null,'empty':{},'l2':[{'b':1,'a':'z'}]}}",
            "3cf49470b9e882df7170bd620ff5e6226a7705ef133ead273c8c83012a494e94"),
        Arguments.of(
            DEFAULT,
            "{'u':'B\u00e9','l':['\u00e9']}",
            "bbacd4ca9a9a3ffdb2afacbb5697fa9a8a49923f4892565bef81b3ee23deab5d"),
        Arguments.of(
            DEFAULT,
            "{'a':[1e-5,1e16,1.5,-0.0,123456789012345680.0,0.0001,12345678901234567890123],"
                + "'b':1e22,'c':1e-7,'d':5e-324,'e':100.0,'f':1e400}",
            "4f209f6d1a877dc4452b6e26190b3b5049953ac71866b367d34e4a89d089aee6"),
        Arguments.of(
            DEFAULT,
            "{'q':['it\\u0027s','say \\\"it\\u0027s\\\"','tab\\t\\u0001\\u007f\\\\\u00e9'],"
                + "'e':[],'m':[{}],'n':[[null,true,false,['x']]]}",
            "2f01218e0cf6b73ded160b1511792186ce543f3ec46d313d77f9a2918ae287bf"),
        Arguments.of(
            DEFAULT,
            "{'\ue000':1,'\ud83d\ude00':2,'a:b':3,'a':{'b':4,'message_signature':'in'},"
                + "'message_signature':'out'}",
            "9fe61d502ef94bd3cf8722792815364e2d39ed9df8d9cb6a1ca9a67152209dee"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void signsAsTheOriginal(String secret, String json, String signature) {
    Map<String, Object> tree = MetadataValues.of(Metadata.ofCanonicalJson(json.replace('\'', '"')));
    assertThat(new MessageSignature(secret).of(tree)).isEqualTo(signature);
  }

  @Test
  void theOrderOfTheFieldsSaysNothing() {
    Map<String, Object> reversed = new LinkedHashMap<>();
    for (String name : Arrays.asList("b", "a")) {
      reversed.put(name, name.toUpperCase(Locale.ROOT));
    }
    assertThat(new MessageSignature("not-so-secret").of(reversed)).startsWith("698a5f64");
  }

  @Test
  void withoutASecretNothingIsSigned() {
    assertThat(new MessageSignature("").of(Map.of("a", "A"))).isEmpty();
  }
}
