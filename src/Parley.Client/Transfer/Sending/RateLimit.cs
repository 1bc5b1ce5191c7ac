namespace Parley.Client.Transfer.Sending;

/// <summary>Lets so many bytes a second through: a bucket that holds a quarter of a second.</summary>
internal sealed class RateLimit(long bytesPerSecond, TimeProvider time)
{
    private const int MaxSliceBytes = 32 << 10;
    private readonly double _most = Math.Max(bytesPerSecond / 4.0, 1);
    private double _tokens;
    private long _at = time.GetTimestamp();

    /// <summary>How many bytes are waited for at a time: a quarter of a second's, so that the other end hears something all the while.</summary>
    public int SliceBytes { get; } = (int)Math.Clamp(bytesPerSecond / 4, 1, MaxSliceBytes);

    /// <summary>Waits until that many bytes may go.</summary>
    public async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        _tokens = Math.Min(_most, _tokens + (time.GetElapsedTime(_at, now).TotalSeconds * bytesPerSecond));
        _at = now;
        _tokens -= bytes;
        if (_tokens < 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(-_tokens / bytesPerSecond), time, cancellationToken);
        }
    }
}
