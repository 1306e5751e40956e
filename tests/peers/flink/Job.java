import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.core.fs.Path;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonFactory;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonParser;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.core.JsonToken;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * The three-feature job on Flink's DataStream API: keyed by sender, exact look-back, state on the heap.
 *
 * <p>What costs Flink speed and this measurement does not need is left out: checkpoints, RocksDB, watermarks, copies
 * between operators, and a parser that reads more than the four fields.
 *
 * <p>usage: Job EVENTS PARALLELISM
 */
public final class Job {
  static final long LOOK_BACK_MS = 24L * 60 * 60 * 1000;
  static final double MINOR_FROM = 0.5;
  static final int FLAG_FROM = 20;

  private Job() {}

  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(StateBackendOptions.STATE_BACKEND, "hashmap");
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    int parallelism = Integer.parseInt(arguments[1]);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);

    FileSource<String> lines =
        FileSource.forRecordStreamFormat(new TextLineInputFormat(), new Path(arguments[0])).build();
    environment
        .fromSource(lines, WatermarkStrategy.noWatermarks(), "events")
        .flatMap(new Parse())
        .keyBy(event -> event.actor)
        .process(new Features())
        .sinkTo(new DiscardingSink<>());
    print(environment.execute("three features"));
  }

  static void print(JobExecutionResult result) {
    StringBuilder line = new StringBuilder();
    for (String name : Features.SUMS) {
      long sum = result.<Long>getAccumulatorResult(name);
      line.append(line.length() == 0 ? "{" : ", ");
      line.append(String.format(Locale.ROOT, "\"%s\": %d", name, sum));
    }
    System.out.println(line.append("}"));
  }

  /** The four fields that the job needs. */
  public static class Event {
    public long ts;
    public String actor;
    public String target;
    public boolean minor;

    public Event() {}
  }

  /** Reads the four fields and skips the rest; drops events without an actor or a target. */
  static class Parse implements FlatMapFunction<String, Event> {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public void flatMap(String line, Collector<Event> out) throws Exception {
      Event event = new Event();
      try (JsonParser parser = JSON.createParser(line)) {
        parser.nextToken();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String field = parser.currentName();
          parser.nextToken();
          switch (field) {
            case "ts" -> event.ts = parser.getLongValue();
            case "actor" -> event.actor = parser.getText();
            case "target" -> event.target = parser.getText();
            case "target_ctx" -> event.minor = likelyMinor(parser);
            default -> parser.skipChildren();
          }
        }
      }
      if (event.actor != null && event.target != null) {
        out.collect(event);
      }
    }

    private static boolean likelyMinor(JsonParser context) throws Exception {
      boolean minor = false;
      while (context.nextToken() != JsonToken.END_OBJECT) {
        String field = context.currentName();
        context.nextToken();
        if (field.equals("p_minor")) {
          minor = context.getDoubleValue() >= MINOR_FROM;
        }
      }
      return minor;
    }
  }

  /** What is remembered of one sender: its events of the last 24 hours, and per target how many. */
  public static class Sender {
    final ArrayDeque<Sent> queue = new ArrayDeque<>();
    final Map<String, Counts> targets = new HashMap<>();
    /** Targets that were likely minors at one of these events at least. */
    int minors;

    boolean flagged;

    void forgetBefore(long cut) {
      for (Sent sent = queue.peekFirst(); sent != null && sent.ts < cut; sent = queue.peekFirst()) {
        queue.pollFirst();
        Counts counts = targets.get(sent.target);
        counts.events--;
        if (sent.minor && --counts.minorEvents == 0) {
          minors--;
        }
        if (counts.events == 0) {
          targets.remove(sent.target);
        }
      }
    }

    void add(Event event) {
      queue.addLast(new Sent(event.ts, event.target, event.minor));
      Counts counts = targets.computeIfAbsent(event.target, target -> new Counts());
      counts.events++;
      if (event.minor && counts.minorEvents++ == 0) {
        minors++;
      }
    }
  }

  record Sent(long ts, String target, boolean minor) {}

  /** Events with one target, and those at which it was likely a minor. */
  static class Counts {
    int events;
    int minorEvents;
  }

  /** The three features at every event, and the sums by which peers are compared. */
  static class Features extends KeyedProcessFunction<String, Event, String> {
    static final String[] SUMS = {
      "events", "count_sum", "targets_sum", "minors_sum", "flag_events", "flagged_senders"
    };

    private transient ValueState<Sender> state;
    private transient LongCounter[] sums;

    @Override
    public void open(OpenContext context) {
      state =
          getRuntimeContext()
              .getState(new ValueStateDescriptor<>("sender", TypeInformation.of(Sender.class)));
      sums = new LongCounter[SUMS.length];
      for (int i = 0; i < SUMS.length; i++) {
        sums[i] = new LongCounter();
        getRuntimeContext().addAccumulator(SUMS[i], sums[i]);
      }
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> out)
        throws Exception {
      Sender sender = state.value();
      if (sender == null) {
        sender = new Sender();
      }
      sender.forgetBefore(event.ts - LOOK_BACK_MS);
      sender.add(event);
      state.update(sender);
      add(1, sender.queue.size(), sender.targets.size(), sender.minors);
      if (sender.minors >= FLAG_FROM) {
        add(0, 0, 0, 0, 1, sender.flagged ? 0 : 1);
        sender.flagged = true;
        out.collect(event.actor);
      }
    }

    private void add(long... amounts) {
      for (int i = 0; i < amounts.length; i++) {
        sums[i].add(amounts[i]);
      }
    }
  }
}
