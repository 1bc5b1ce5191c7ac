using Parley.Hub.Rooms.Limits;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Rooms;

/// <summary>The files of one room: in memory, bounded, gone with the room. Files that were fetched make room for new ones, oldest first.</summary>
/// <param name="options">The limits.</param>
/// <param name="meter">What all rooms hold.</param>
internal sealed class RoomFiles(RoomOptions options, RoomMeter meter)
{
    private readonly SortedDictionary<int, RoomFile> _files = [];
    private long _bytes;
    private int _last;

    /// <summary>Puts one in.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">There is no room for it.</exception>
    public RoomFile Put(string name, Body content, SeatRole from)
    {
        if (content.Length > options.MaxFileBytes)
        {
            throw RoomRefusals.FilesFull();
        }

        foreach (var fetched in _files.Values.Where(file => file.IsFetched).ToList())
        {
            if (Fits(content.Length))
            {
                break;
            }

            Remove(fetched);
        }

        if (!Fits(content.Length))
        {
            throw RoomRefusals.FilesFull();
        }

        if (!meter.TryHold(content.Length))
        {
            throw RoomRefusals.HubFull();
        }

        var made = new RoomFile(++_last, RoomFile.SafeName(name), content, from);
        _files.Add(made.Number, made);
        _bytes += content.Length;
        return made;
    }

    /// <summary>Finds one.</summary>
    /// <exception cref="Parley.Protocol.Errors.ParleyException">There is no such file, or no longer.</exception>
    public RoomFile Get(int number) => _files.TryGetValue(number, out var file) ? file : throw RoomRefusals.FileUnknown();

    /// <summary>Drops all.</summary>
    public void Clear()
    {
        foreach (var file in _files.Values.ToList())
        {
            Remove(file);
        }
    }

    private bool Fits(int bytes) => _bytes + bytes <= options.MaxFileBytes && _files.Count < options.MaxFiles;

    private void Remove(RoomFile file)
    {
        _files.Remove(file.Number);
        _bytes -= file.Content.Length;
        meter.Free(file.Content.Length);
    }
}
