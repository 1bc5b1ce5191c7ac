using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Parley.Cli.Admin;
using Parley.Client.Load;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Cli.Bench;

/// <summary><c>parley bench</c>: how fast a hub carries requests and their replies, between agents that exist for the measurement alone.</summary>
internal sealed class BenchCommand : ParleyCommand
{
    private readonly Argument<string> _kind = new("rtt|throughput") { Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => "rtt", Description = "One request at a time, or many pairs with many under way" };
    private readonly Option<int?> _pairs = new("--pairs") { HelpName = "N", Description = "Pairs of agents [default: 1, throughput 50]" };
    private readonly Option<int?> _window = new("--window") { HelpName = "N", Description = "Requests of a pair that are under way together [default: 1, throughput 16]" };
    private readonly Option<string?> _size = new("--size") { HelpName = "SIZE", Description = "Bytes of a request and of its reply [default: 128]" };
    private readonly Option<int?> _seconds = new("--seconds") { HelpName = "N", Description = "How long is measured, after a fifth of it to warm up [default: 10]" };
    private readonly Option<string?> _join = new("--join") { HelpName = "JOIN|-", Description = "A join string that is good for all the agents; else the admin key makes one" };

    public BenchCommand()
        : base(
            "bench",
            "Measure a hub with agents that join for it and leave afterwards",
            new Example("parley bench", "round trips through the hub of this home, one at a time"),
            new Example("parley bench throughput --pairs 50 --window 16 --seconds 30 --data /var/lib/parley", "messages a second; the hub must run with --pair-rate 0 --limit budget-messages=0"),
            new Example("parley bench rtt --hub https://hub.example.org:7420 --key-file admin.key --json", "a hub elsewhere"))
    {
        _kind.AcceptOnlyFromAmong("rtt", "throughput");
        Add(_kind);
        foreach (var option in new Option[] { _pairs, _window, _size, _seconds, _join, AdminClient.Data, AdminClient.Hub, AdminClient.KeyFile, AdminClient.Pin, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var plan = BenchPlan.Of(parsed.GetValue(_kind)!, parsed.GetValue(_pairs), parsed.GetValue(_window), parsed.GetValue(_size), parsed.GetValue(_seconds));
        Histogram durations;
        await using (var agents = await OpenAsync(context, parsed, plan, cancellationToken))
        {
            durations = await new BenchRun(plan, agents, context.Terminal, context.Time).RunAsync(cancellationToken);
        }

        if (durations.Count == 0)
        {
            throw new ParleyException(ErrorCode.DeadlineExceeded, "No request was answered inside the measured time.");
        }

        var result = BenchJson.Of(plan, durations);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(result, BenchJsonContext.Default.BenchJson));
        }
        else
        {
            context.Terminal.Write(result.ToTable());
        }

        return 0;
    }

    private async Task<BenchAgents> OpenAsync(CommandContext context, ParseResult parsed, BenchPlan plan, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_join) is not { } join)
        {
            return await BenchAgents.WithAdminAsync(context, AdminClient.Open(context, parsed), plan.Pairs * 2, cancellationToken);
        }

        return BenchAgents.WithJoin(context, JoinString.Parse(join == "-" ? await context.Terminal.ReadAllInputAsync(cancellationToken) : join));
    }
}

/// <summary>What <c>bench --json</c> prints; times in microseconds.</summary>
internal sealed record BenchJson(
    string Kind, int Pairs, int Window, int Size, double Seconds, long Requests, double RequestsPerSecond, double MessagesPerSecond, double P50, double P90, double P99, double P999, double Max)
{
    /// <summary>The figures of one run.</summary>
    public static BenchJson Of(BenchPlan plan, Histogram durations)
    {
        var perSecond = Math.Round(durations.Count / plan.Length.TotalSeconds, 1);
        return new BenchJson(
            plan.Kind, plan.Pairs, plan.Window, plan.Size, plan.Length.TotalSeconds, durations.Count, perSecond, 2 * perSecond,
            At(50), At(90), At(99), At(99.9), At(100));

        double At(double percent) => durations.Percentile(percent) / 1000d;
    }

    /// <summary>The figures for people.</summary>
    public string ToTable() => TextTable.Of(
        ["REQUESTS/S", "MESSAGES/S", "P50", "P90", "P99", "P99.9", "MAX"],
        [[Number(RequestsPerSecond), Number(MessagesPerSecond), Time(P50), Time(P90), Time(P99), Time(P999), Time(Max)]]);

    private static string Number(double value) => value.ToString("#,##0", CultureInfo.InvariantCulture);

    private static string Time(double microseconds) => microseconds < 10_000
        ? microseconds.ToString("0", CultureInfo.InvariantCulture) + " us"
        : (microseconds / 1000).ToString("0.0", CultureInfo.InvariantCulture) + " ms";
}

/// <summary>JSON of the load generator.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BenchJson))]
internal sealed partial class BenchJsonContext : JsonSerializerContext;
