using Parley.Client.Config;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;

namespace Parley.Client.Rooms;

/// <summary>The home's saved sessions, by name: <c>rooms/NAME</c> in the home folder.</summary>
/// <param name="home">The home.</param>
/// <param name="time">Clock.</param>
public sealed class SessionStore(HomeFolder home, TimeProvider time)
{
    private readonly string _root = home.PathOf("rooms");

    /// <summary>The names of all sessions, sorted.</summary>
    public IReadOnlyList<string> List() => Directory.Exists(_root)
        ? [.. Directory.EnumerateDirectories(_root).Select(folder => Path.GetFileName(folder)!).Where(name => TryOpen(name) is not null).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Reads a session; null when there is none of this name.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NameInvalid"/>.</exception>
    public SavedSession? TryOpen(string name) => SavedSession.TryOpen(FolderOf(name), time);

    /// <summary>Reads the session that a command means: by name, by the path of a folder, or the only one.</summary>
    /// <param name="name">A name, or a path with a slash in it; null: the only one.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NotFound"/>: none. <see cref="ErrorCode.InvalidArgument"/>: several.</exception>
    public SavedSession Find(string? name)
    {
        if (name is not null)
        {
            return (name.Contains('/') ? SavedSession.TryOpen(name, time) : TryOpen(name))
                ?? throw new ParleyException(ErrorCode.NotFound, $"There is no session {name} here.");
        }

        return List() switch
        {
            [] => throw new ParleyException(ErrorCode.NotFound, "There is no session here: begin one with parley room create, listen or join."),
            [var only] => TryOpen(only)!,
            var several => throw new ParleyException(ErrorCode.InvalidArgument, $"There are several sessions here, say which: --session {string.Join(" or ", several)}"),
        };
    }

    /// <summary>Begins a session under a name that is free.</summary>
    public SavedSession Create(string name, SessionFacts facts)
    {
        SecretFile.OpenFolder(_root);
        return SavedSession.Create(FolderOf(name), facts, time);
    }

    private string FolderOf(string name) => Names.IsValid(name)
        ? Path.Combine(_root, name)
        : throw new ParleyException(ErrorCode.NameInvalid, "A session's name is lower-case letters, digits and dashes, up to 63 of them.");
}
