using Parley.Protocol.Errors;

namespace Parley.Client.Peering.Probes;

/// <summary>Looks which ways there are to another agent, one kind after another.</summary>
/// <param name="time">Clock.</param>
public sealed class Probe(TimeProvider time)
{
    private const int Rounds = 5;

    /// <summary>Tries one kind of path.</summary>
    /// <returns>What it came to.</returns>
    public async Task<ProbeResult> TryAsync(IPeerSession session, PathKind kind, CancellationToken cancellationToken)
    {
        try
        {
            var started = time.GetTimestamp();
            await using var path = await session.ConnectAsync([kind], cancellationToken);
            var opened = time.GetElapsedTime(started);
            return new ProbeResult(kind, path.Reason, null, opened, await MeasureAsync(path.Stream, cancellationToken));
        }
        catch (ParleyException refusal) when (refusal.Code is ErrorCode.PeerUnreachable or ErrorCode.PeerProof)
        {
            return new ProbeResult(kind, refusal.Message, refusal.Code, null, null);
        }
        catch (IOException exception)
        {
            return new ProbeResult(kind, exception.Message, ErrorCode.PeerUnreachable, null, null);
        }
    }

    private async Task<TimeSpan> MeasureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var best = TimeSpan.MaxValue;
        var bytes = new byte[32];
        for (var round = 0; round < Rounds; round++)
        {
            var started = time.GetTimestamp();
            await stream.WriteAsync(bytes, cancellationToken);
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            var took = time.GetElapsedTime(started);
            best = took < best ? took : best;
        }

        return best;
    }
}
