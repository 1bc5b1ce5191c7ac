using System.Globalization;
using System.Net;
using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Scenarios;
using Parley.WebRtc.Udp;

namespace Parley.Benchmarks.WebRtc;

/// <summary>Data channels over loopback, beside another stack's in the same run.</summary>
internal sealed class WebRtcScenario : IScenario
{
    private const string Other = PairProcess.Other;
    private const string Ours = PairProcess.Ours;
    private const int SmallDatagram = 1200;
    private const int LargeDatagram = 16_421;
    private const int Seed = 11;

    /// <inheritdoc/>
    public string Name => "webrtc";

    /// <inheritdoc/>
    public string Reference => Other;

    /// <inheritdoc/>
    public string Explanation =>
        $"One data channel, 64 KiB messages one way; both ends in one process, a fresh one for each run, which counts its own processor time (1 = one processor busy). Datagrams of {SmallDatagram} bytes for both; "
        + $"ours also with what path MTU discovery finds, up to {LargeDatagram}. Loss and delay are made by a line of our own between the two ends, each way, whose processor time is not counted. `--node FOLDER` names the other stack's packages.";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        if (context.Options.NodeFolder is null)
        {
            context.Say($"skipped {Other}: --node FOLDER says where its packages are");
        }

        Case[] cases =
        [
            .. new (string What, TimeSpan Delay, double Loss)[] { ("loopback", TimeSpan.Zero, 0), ("1 % loss", TimeSpan.Zero, 0.01), ("50 ms round trip", TimeSpan.FromMilliseconds(25), 0), ("50 ms round trip, 1 % loss", TimeSpan.FromMilliseconds(25), 0.01) }
                .SelectMany(line => new Case[]
                {
                    new(Other, line.What, SmallDatagram, line.Delay, line.Loss),
                    new(Ours, line.What, SmallDatagram, line.Delay, line.Loss),
                    new(Ours + ", path MTU", line.What, LargeDatagram, line.Delay, line.Loss),
                })
                .Where(one => one.Peer != Other || context.Options.NodeFolder is not null),
        ];
        var results = cases.Select(_ => new List<(double Rate, double Cpu)>()).ToArray();
        for (var run = 1; run <= context.Options.Runs; run++)
        {
            for (var index = 0; index < cases.Length; index++)
            {
                var result = await RunAsync(cases[index], context, cancellationToken);
                context.Say(FormattableString.Invariant($"run {run} {cases[index].Peer}, {cases[index].What}: {result.Rate:0.0} MB/s, {result.Cpu:0.00} processors"));
                results[index].Add(result);
            }
        }

        return
        [
            .. cases.Select((one, index) => new Measurement(one.What, one.Peer, "MB/s", Summary.Of([.. results[index].Select(result => result.Rate)]))),
            .. cases.Select((one, index) => new Measurement($"{one.What}, per processor", one.Peer, "MB/s", Summary.Of([.. results[index].Select(result => result.Rate / Math.Max(0.01, result.Cpu))]))),
        ];
    }

    private static async Task<(double Rate, double Cpu)> RunAsync(Case one, BenchContext context, CancellationToken cancellationToken)
    {
        var seconds = context.Options.RunLength.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var arguments = new List<string> { seconds, one.Datagram.ToString(CultureInfo.InvariantCulture) };
        await using var line = one.HasLine ? UdpDriver.Open(new UdpOptions(), context.TimeProvider, [IPAddress.Loopback, IPAddress.Loopback]) : null;
        if (line is not null)
        {
            var machine = new SlowLine(one.Delay, one.Loss, new Random(Seed));
            machine.Attach(line.Locals[0], line.Locals[1]);
            line.Start(machine);
            arguments.AddRange(line.Locals.Select(local => local.Port.ToString(CultureInfo.InvariantCulture)));
        }

        using var process = PairProcess.Start(one.Peer, ParleyPair.Verb, arguments, context.Options.NodeFolder);
        try
        {
            var said = (await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(context.Options.RunLength + TimeSpan.FromSeconds(20), context.TimeProvider, cancellationToken))?.Split(' ');
            return said is [var rate, var cpu] ? (double.Parse(rate, CultureInfo.InvariantCulture), double.Parse(cpu, CultureInfo.InvariantCulture)) : throw new InvalidOperationException($"{one.Peer} ended without a result.");
        }
        finally
        {
            await PairProcess.EndAsync(process);
        }
    }

    private sealed record Case(string Peer, string What, int Datagram, TimeSpan Delay, double Loss)
    {
        public bool HasLine => Delay > TimeSpan.Zero || Loss > 0;
    }
}
