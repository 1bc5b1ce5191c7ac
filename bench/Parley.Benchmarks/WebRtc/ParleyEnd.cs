using System.Globalization;
using System.Text.Json;
using Parley.Client.Peering.Udp;
using Parley.Crypto.Dtls;

namespace Parley.Benchmarks.WebRtc;

/// <summary>One connection of ours to a browser, as <c>webrtc-end.mjs</c> is one of the other stack.</summary>
internal static class ParleyEnd
{
    /// <summary>What makes the benchmark this child.</summary>
    public const string Verb = "webrtc-end";

    /// <summary>Takes the browser's offer from one line, says its own answer on one, and then MB/s received and processors used.</summary>
    /// <param name="arguments">Seconds, bytes of a datagram, and <c>send</c> or <c>receive</c>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="input">Where the offer comes from.</param>
    /// <param name="output">Where the lines go.</param>
    public static async Task RunAsync(string[] arguments, TimeProvider time, TextReader input, TextWriter output)
    {
        var length = TimeSpan.FromSeconds(double.Parse(arguments[0], CultureInfo.InvariantCulture));
        var offer = ParleyPair.Read(JsonSerializer.Deserialize<string>(await input.ReadLineAsync() ?? "") ?? "");
        using var certificate = DtlsCertificate.Make(time);
        await using var peer = ParleyPair.Make(certificate, default, opens: false, int.Parse(arguments[1], CultureInfo.InvariantCulture), time);
        peer.Gather(isLoopback: true);
        var answer = peer.AcceptOffer(offer) + string.Concat(peer.Candidates().Candidates.Select(candidate => $"a={candidate}\r\n"));
        output.WriteLine(JsonSerializer.Serialize(answer));
        await peer.Opened;

        var received = 0L;
        using var stop = new CancellationTokenSource();
        var stream = new DataChannelStream(peer);
        var moving = arguments[2] == "send" ? ParleyPair.SendAsync(stream, stop.Token) : ParleyPair.ReceiveAsync(stream, count => Interlocked.Add(ref received, count), stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), time);
        var (begun, cpu, before) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime, Interlocked.Read(ref received));
        await Task.Delay(length, time);
        var (elapsed, used, moved) = (time.GetElapsedTime(begun), Environment.CpuUsage.TotalTime - cpu, Interlocked.Read(ref received) - before);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{moved / elapsed.TotalSeconds / 1e6} {used / elapsed}"));

        // Whoever started it ends it: a page that still counts needs somebody who sends.
        await input.ReadLineAsync();
        await stop.CancelAsync();
        await moving;
    }
}
