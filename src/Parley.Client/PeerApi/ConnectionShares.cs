using System.Net;
using Parley.Protocol.Formats;

namespace Parley.Client.PeerApi;

/// <summary>Who has how many of the places for connections: a stranger a share by his address, a peer that proved a request a share of its own. Thread-safe.</summary>
/// <remarks>Without it one address could hold every place, with handshakes that it never ends or connections on which it asks nothing.</remarks>
/// <param name="perAddress">Most connections of one address (IPv6: one network of 64 bits) that brought no proved request yet.</param>
/// <param name="perPeer">Most connections of one peer that are counted as its own; further ones stay with their address.</param>
public sealed class ConnectionShares(int perAddress, int perPeer)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(bool IsPeer, string Name), int> _taken = [];

    /// <summary>Takes a place for a stranger.</summary>
    /// <returns>The place, to be disposed of with the connection; null: his address has its share.</returns>
    public ConnectionPlace? Enter(IPAddress? address)
    {
        var holder = (false, AddressBlock.Of(address));
        return TryTake(holder) ? new ConnectionPlace(this, holder) : null;
    }

    /// <summary>Takes one more for a holder.</summary>
    internal bool TryTake((bool IsPeer, string Name) holder)
    {
        lock (_lock)
        {
            var taken = _taken.GetValueOrDefault(holder);
            if (taken >= (holder.IsPeer ? perPeer : perAddress))
            {
                return false;
            }

            _taken[holder] = taken + 1;
            return true;
        }
    }

    /// <summary>Gives one of a holder back.</summary>
    internal void GiveBack((bool IsPeer, string Name) holder)
    {
        lock (_lock)
        {
            if (--_taken[holder] == 0)
            {
                _taken.Remove(holder);
            }
        }
    }
}
