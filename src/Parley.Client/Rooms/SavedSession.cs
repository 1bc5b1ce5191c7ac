using System.Text;
using System.Text.Json;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;

namespace Parley.Client.Rooms;

/// <summary>A seat that outlives its process: a folder (0700) with <c>session.json</c> and, while seated, <c>token</c> (both 0600).</summary>
public sealed class SavedSession
{
    private const string FactsName = "session.json";
    private const string TokenName = "token";

    private readonly TimeProvider _time;

    private SavedSession(string folder, SessionFacts facts, TimeProvider time) => (Folder, Facts, _time) = (folder, facts, time);

    /// <summary>Its folder.</summary>
    public string Folder { get; }

    /// <summary>The folder's name.</summary>
    public string Name => Path.GetFileName(Folder);

    /// <summary>What is known of it.</summary>
    public SessionFacts Facts { get; private set; }

    /// <summary>Where <c>session.json</c> is.</summary>
    public string FactsFile => PathOf(FactsName);

    /// <summary>The hub that it is at.</summary>
    public RoomHub Hub =>
        Uri.TryCreate(Facts.Hub, UriKind.Absolute, out var address)
            ? new RoomHub(address, Facts.Pin is null ? null : SpkiPin.Parse(Facts.Pin), Facts.InsecureHttp ?? false)
            : throw Damaged(Folder);

    /// <summary>Begins a session in a folder that is made where there is none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>.</exception>
    public static SavedSession Create(string folder, SessionFacts facts, TimeProvider time)
    {
        try
        {
            SecretFile.OpenFolder(folder);
            var session = new SavedSession(folder, facts with { StartedAt = time.GetUtcNow() }, time);
            session.Update(known => known);
            return session;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ParleyException(ErrorCode.FilePermissions, $"The session's folder {folder} cannot be made or written.", exception);
        }
    }

    /// <summary>Reads a session; null when the folder holds none.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.FilePermissions"/>; <see cref="ErrorCode.IntegrityFailed"/>.</exception>
    public static SavedSession? TryOpen(string folder, TimeProvider time)
    {
        var path = Path.Combine(folder, FactsName);
        if (!File.Exists(path))
        {
            return null;
        }

        SecretFile.OpenFolder(folder);
        try
        {
            var facts = JsonSerializer.Deserialize(SecretFile.Read(path), RoomJson.Default.SessionFacts) ?? throw new JsonException();
            return new SavedSession(Path.GetFullPath(folder), facts, time);
        }
        catch (JsonException)
        {
            throw Damaged(folder);
        }
    }

    /// <summary>The seat's token.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.RoomNotIn"/>: the seat was given up.</exception>
    public string ReadToken() => TryReadToken() ?? throw new ParleyException(ErrorCode.RoomNotIn, $"The session {Name} is over.");

    /// <summary>The seat's token; null when it was given up.</summary>
    public string? TryReadToken() => File.Exists(PathOf(TokenName)) ? Encoding.ASCII.GetString(SecretFile.Read(PathOf(TokenName))) : null;

    /// <summary>Keeps the token of a seat.</summary>
    public void WriteToken(string token) => SecretFile.Write(PathOf(TokenName), Encoding.ASCII.GetBytes(token));

    /// <summary>Gives the seat up.</summary>
    public void ForgetToken() => File.Delete(PathOf(TokenName));

    /// <summary>Changes what is known, and writes it whole or not at all.</summary>
    public void Update(Func<SessionFacts, SessionFacts> change)
    {
        Facts = change(Facts) with { UpdatedAt = _time.GetUtcNow() };
        SecretFile.Write(FactsFile, JsonSerializer.SerializeToUtf8Bytes(Facts, RoomJson.Indented.SessionFacts));
    }

    /// <summary>Removes its two files, and the folder when nothing else is in it.</summary>
    public void Remove()
    {
        ForgetToken();
        File.Delete(FactsFile);
        if (!Directory.EnumerateFileSystemEntries(Folder).Any())
        {
            Directory.Delete(Folder);
        }
    }

    /// <summary>The full path of something in the folder.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    private static ParleyException Damaged(string folder) => new(ErrorCode.IntegrityFailed, $"The session in {folder} is damaged: remove the folder.");
}
