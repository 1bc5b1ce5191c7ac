using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Parley.Benchmarks;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Micro;
using Parley.Benchmarks.Peers;
using Parley.Benchmarks.Scenarios;
using Parley.Benchmarks.Tls;
using Parley.Benchmarks.Transfers;
using Parley.Benchmarks.WebRtc;

// The one place that touches the console.
#pragma warning disable RS0030
var (input, output, progress) = (Console.In, Console.Out, Console.Error);
#pragma warning restore RS0030

if (args is [BareHttpServer.Verb, var port])
{
    await BareHttpServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
    return 0;
}

if (args is [TlsServer.Verb, var tlsPort, var certificateFile, var keyFile, var kind])
{
    await TlsServer.RunAsync(int.Parse(tlsPort, CultureInfo.InvariantCulture), certificateFile, keyFile, kind);
    return 0;
}

if (args is [ParleyPair.Verb, .. var pair])
{
    await ParleyPair.RunAsync(pair, TimeProvider.System, output);
    return 0;
}

if (args is [ParleyEnd.Verb, .. var end])
{
    await ParleyEnd.RunAsync(end, TimeProvider.System, input, output);
    return 0;
}

IScenario[] scenarios =
[
    new RttScenario(isSecured: false), new ThroughputScenario(isSecured: false), new RttScenario(isSecured: true), new ThroughputScenario(isSecured: true),
    new MicroScenario(), new IdleScenario(), new ReconnectScenario(), new DurableScenario(), new ColdStartScenario(), new CommandsScenario(), new RoomsScenario(), new A2aScenario(), new StreamsScenario(),
    new TlsScenario(), new Ed25519Scenario(), new SctpScenario(), new WebRtcScenario(), new BrowserScenario(), new EventsScenario(), new TurnsScenario(),
    new TransferScenario(TransferKind.LargeFile), new TransferScenario(TransferKind.SmallFiles), new TransferScenario(TransferKind.FirstByte),
];

try
{
    var options = BenchOptions.Parse(args);
    var chosen = options.Scenarios.SelectMany(name => name == "all" ? scenarios : [Find(name)]).ToArray();
    if (chosen.Length == 0)
    {
        throw new FormatException("usage: SCENARIO... [--peers nats,redis,parley] [--parley PROGRAM] [--node FOLDER] [--runs N] [--seconds S] [--agents N] [--megabytes N] [--json] [--write FILE]\nscenarios: all "
            + string.Join(' ', scenarios.Select(scenario => scenario.Name)));
    }

    using var stop = new CancellationTokenSource();
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    var context = new BenchContext(options, TimeProvider.System, progress);
    foreach (var scenario in chosen)
    {
        progress.WriteLine($"== {scenario.Name}");
        var rows = await scenario.RunAsync(context, stop.Token);
        if (rows.Count > 0)
        {
            Report(scenario, rows, options);
        }
    }

    return 0;

    void Cancel(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
catch (FormatException exception)
{
    progress.WriteLine(exception.Message);
    return 2;
}
catch (OperationCanceledException)
{
    progress.WriteLine("stopped");
    return 130;
}

IScenario Find(string name) =>
    scenarios.FirstOrDefault(scenario => scenario.Name == name) ?? throw new FormatException($"There is no scenario called {name}.");

void Report(IScenario scenario, IReadOnlyList<Measurement> rows, BenchOptions options)
{
    var table = ResultTable.Render(rows, scenario.Reference);
    output.WriteLine(options.AsJson ? JsonSerializer.Serialize(rows) : table);
    if (options.WriteTo is { } path)
    {
        var content = $"{scenario.Explanation}\n\n{Machine(TimeProvider.System)}\n\n{table}";
        File.WriteAllText(path, ResultsDocument.Replace(File.Exists(path) ? File.ReadAllText(path) : "", scenario.Name, content), new UTF8Encoding(false));
    }
}

static string Machine(TimeProvider timeProvider) => string.Create(CultureInfo.InvariantCulture,
    $"{timeProvider.GetUtcNow():yyyy-MM-dd}, {Environment.ProcessorCount} cores, {ProcessUsage.MachineBytes() / (1024.0 * 1024 * 1024):0} GiB, .NET {Environment.Version}, clients and server on the same machine.");
