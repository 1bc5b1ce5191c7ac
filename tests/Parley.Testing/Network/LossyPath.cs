namespace Parley.Testing.Network;

/// <summary>One direction of a bad network in virtual time: the same seed and the same packets give the same fate.</summary>
/// <param name="conditions">What happens to packets; may be changed on the way.</param>
/// <param name="seed">Start of the chances.</param>
public sealed class LossyPath(PathConditions conditions, int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<(byte[] Buffer, int Length), (TimeSpan At, long Number)> _flying = new();
    private readonly Stack<byte[]> _spare = new();
    private TimeSpan _lineFreeAt;
    private long _number;

    /// <summary>What happens to packets from now on.</summary>
    public PathConditions Conditions { get; set; } = conditions;

    /// <summary>Packets given to the path.</summary>
    public long Sent { get; private set; }

    /// <summary>Bytes given to the path.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Packets that vanished.</summary>
    public long Lost { get; private set; }

    /// <summary>Decides over single packets before chance does: true lets one vanish.</summary>
    public Func<ReadOnlyMemory<byte>, bool>? Drop { get; set; }

    /// <summary>When the next packet arrives.</summary>
    public TimeSpan? NextArrival => _flying.TryPeek(out _, out var key) ? key.At : null;

    /// <summary>Puts a packet on its way.</summary>
    public void Send(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        Sent++;
        SentBytes += packet.Length;
        if (packet.Length > Conditions.MaxPacketBytes || Chance(Conditions.Loss) || Drop?.Invoke(packet.ToArray()) == true)
        {
            Lost++;
            return;
        }

        var leaves = now;
        if (Conditions.BytesPerSecond > 0)
        {
            var begins = _lineFreeAt > now ? _lineFreeAt : now;
            if ((begins - now).TotalSeconds * Conditions.BytesPerSecond > Conditions.QueueBytes)
            {
                Lost++;
                return;
            }

            leaves = _lineFreeAt = begins + TimeSpan.FromSeconds(packet.Length / Conditions.BytesPerSecond);
        }

        Fly(packet, leaves);
        if (Chance(Conditions.Duplication))
        {
            Fly(packet, leaves);
        }
    }

    /// <summary>Takes a packet that has arrived.</summary>
    /// <param name="now">The time.</param>
    /// <param name="receive">Called with it.</param>
    /// <returns>False when none has.</returns>
    public bool TryDeliver(TimeSpan now, Action<byte[], int> receive)
    {
        if (!(NextArrival <= now))
        {
            return false;
        }

        var (buffer, length) = _flying.Dequeue();
        receive(buffer, length);
        _spare.Push(buffer);
        return true;
    }

    private void Fly(ReadOnlySpan<byte> packet, TimeSpan leaves)
    {
        if (!_spare.TryPop(out var buffer) || buffer.Length < packet.Length)
        {
            buffer = new byte[Math.Max(2048, packet.Length)];
        }

        packet.CopyTo(buffer);
        if (Chance(Conditions.Corruption))
        {
            buffer[_random.Next(packet.Length)] ^= (byte)(1 << _random.Next(8));
        }

        var late = Conditions.Jitter * (Conditions.Jitter > TimeSpan.Zero ? _random.NextDouble() : 0);
        late += Chance(Conditions.Reordering) ? (Conditions.Delay * 1.5) + TimeSpan.FromMilliseconds(2) : TimeSpan.Zero;
        _flying.Enqueue((buffer, packet.Length), (leaves + Conditions.Delay + late, _number++));
    }

    private bool Chance(double share) => share > 0 && _random.NextDouble() < share;
}
