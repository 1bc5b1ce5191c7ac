using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Parley.Client.Peering.Udp;
using Parley.Crypto.Dtls;
using Parley.Protocol.Stun;
using Parley.WebRtc.Connections;
using Parley.WebRtc.Ice;
using Parley.WebRtc.Sctp;
using Parley.WebRtc.Sdp;
using Parley.WebRtc.Udp;

namespace Parley.Benchmarks.WebRtc;

/// <summary>Two connections of ours in one process, as <c>webrtc-pair.mjs</c> has two of the other stack: one sends 64 KiB messages to the other for some seconds.</summary>
internal static class ParleyPair
{
    /// <summary>What makes the benchmark this child.</summary>
    public const string Verb = "webrtc-pair";

    private static readonly TimeSpan _longestWarmUp = TimeSpan.FromSeconds(1);

    /// <summary>Runs it and says MB/s and processors used, on one line.</summary>
    /// <param name="arguments">Seconds, bytes of a datagram, and, for a line in between, the ports of the sender and of the receiver on it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="output">Where the line goes.</param>
    public static async Task RunAsync(string[] arguments, TimeProvider time, TextWriter output)
    {
        var numbers = arguments.Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var length = TimeSpan.FromSeconds(numbers[0]);
        using var first = DtlsCertificate.Make(time);
        using var second = DtlsCertificate.Make(time);
        await using var sender = Make(first, second.Fingerprint, true, (int)numbers[1], time);
        await using var receiver = Make(second, first.Fingerprint, false, (int)numbers[1], time);
        Introduce(sender, receiver, numbers.Length > 2 ? ((int)numbers[2], (int)numbers[3]) : null);
        await Task.WhenAll(sender.Opened, receiver.Opened);

        var received = 0L;
        using var stop = new CancellationTokenSource();
        var sending = SendAsync(new DataChannelStream(sender), stop.Token);
        var receiving = ReceiveAsync(new DataChannelStream(receiver), count => Interlocked.Add(ref received, count), stop.Token);
        await Task.Delay(length / 2 < _longestWarmUp ? length / 2 : _longestWarmUp, time);
        var (begun, cpu, before) = (time.GetTimestamp(), Environment.CpuUsage.TotalTime, Interlocked.Read(ref received));
        await Task.Delay(length, time);
        var (elapsed, used, moved) = (time.GetElapsedTime(begun), Environment.CpuUsage.TotalTime - cpu, Interlocked.Read(ref received) - before);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{moved / elapsed.TotalSeconds / 1e6} {used / elapsed}"));
        await stop.CancelAsync();
        await Task.WhenAll(sending, receiving);
    }

    /// <summary>A connection on one socket of loopback.</summary>
    internal static UdpPeer Make(DtlsCertificate own, ReadOnlyMemory<byte> other, bool opens, int datagram, TimeProvider time)
    {
        var options = new PeerConnectionOptions
        {
            Ice = new IceOptions { IsLoopbackAllowed = true },
            Sctp = UdpPathOpener.Buffers,
            MaxDatagramBytes = datagram,
            PeerFingerprint = other,
        };
        return new UdpPeer(UdpDriver.Open(new UdpOptions(), time, [IPAddress.Loopback]), options, opens, own, RandomNumberGenerator.Fill);
    }

    private static void Introduce(UdpPeer sender, UdpPeer receiver, (int Sender, int Receiver)? line)
    {
        sender.Gather(isLoopback: true);
        receiver.Gather(isLoopback: true);
        var answer = receiver.AcceptOffer(Read(sender.Offer()));
        sender.AcceptAnswer(Read(answer));
        sender.AddCandidates(receiver.Candidates().Candidates.Select(candidate => At(candidate, line?.Sender)), true);
        receiver.AddCandidates(sender.Candidates().Candidates.Select(candidate => At(candidate, line?.Receiver)), true);
    }

    private static IceCandidate At(IceCandidate candidate, int? port) => port is { } other ? candidate with { Address = TransportAddress.From(IPAddress.Loopback, other) } : candidate;

    /// <summary>A description, which must be a good one.</summary>
    internal static SessionDescription Read(string text) => SdpReader.TryRead(text, out var description, out var reason) ? description : throw new InvalidOperationException(reason);

    /// <summary>Sends until it is stopped.</summary>
    internal static async Task SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        var message = new byte[64 << 10];
        try
        {
            while (true)
            {
                await stream.WriteAsync(message, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Counts until it is stopped.</summary>
    internal static async Task ReceiveAsync(Stream stream, Action<int> count, CancellationToken cancellationToken)
    {
        var buffer = new byte[256 << 10];
        try
        {
            while (true)
            {
                count(await stream.ReadAsync(buffer, cancellationToken));
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
