using System.Buffers.Binary;
using Parley.Protocol.Messaging;
using Parley.Protocol.Stun;

namespace Parley.Hub.Transports.Stun;

/// <summary>How many answers an address got lately, in memory of a fixed size: addresses share a place when a keyed hash says so, which strangers cannot foresee.</summary>
internal sealed class StunRates
{
    private const int Places = 8192;
    private const long MillisecondsPerSecond = 1000;

    private readonly (long Millis, long Spent)[] _places = new (long, long)[Places];
    private readonly int _perSecond;
    private readonly ulong _key;

    /// <summary>Nobody has asked yet.</summary>
    public StunRates(int perSecond, FillRandom random)
    {
        Span<byte> key = stackalloc byte[8];
        random(key);
        _key = BinaryPrimitives.ReadUInt64LittleEndian(key) | 1;
        _perSecond = perSecond;
    }

    /// <summary>Takes one answer of an address; false when it had its share.</summary>
    public bool TryTake(TransportAddress address, TimeSpan now)
    {
        ref var place = ref _places[PlaceOf(address)];
        // Spent is counted in thousandths of an answer; a second gives all of them back.
        var millis = (long)now.TotalMilliseconds;
        place.Spent = Math.Max(0, place.Spent - (Math.Min(millis - place.Millis, MillisecondsPerSecond) * _perSecond));
        place.Millis = millis;
        if (place.Spent + MillisecondsPerSecond > _perSecond * MillisecondsPerSecond)
        {
            return false;
        }

        place.Spent += MillisecondsPerSecond;
        return true;
    }

    private int PlaceOf(TransportAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.WriteAddress(bytes);
        // Of an IPv6 address the network counts: one subscriber has all of its 64 bits.
        var mixed = (BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ _key) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 29)) * _key;
        return (int)((mixed ^ (mixed >> 32)) % Places);
    }
}
