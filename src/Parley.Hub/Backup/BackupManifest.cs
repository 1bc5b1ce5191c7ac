using System.Text.Json.Serialization;

namespace Parley.Hub.Backup;

/// <summary>The first entry of an archive: what is in it, so that damage is found before anything is replaced.</summary>
/// <param name="Format">1.</param>
/// <param name="CreatedAt">When the copy was made.</param>
/// <param name="Hub">The hub's id.</param>
/// <param name="Software">The version of Parley that made it.</param>
/// <param name="Schema">The version of the database's schema.</param>
/// <param name="Files">The entries that follow.</param>
internal sealed record BackupManifest(
    [property: JsonRequired] int Format,
    [property: JsonRequired] DateTimeOffset CreatedAt,
    [property: JsonRequired] string Hub,
    [property: JsonRequired] string Software,
    [property: JsonRequired] long Schema,
    [property: JsonRequired] IReadOnlyList<BackupFile> Files);

/// <summary>One file of an archive.</summary>
/// <param name="Name">Its name in the data folder.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 in lower-case hexadecimal digits.</param>
internal sealed record BackupFile([property: JsonRequired] string Name, [property: JsonRequired] long Size, [property: JsonRequired] string Sha256);

/// <summary>What a copy or a restore came to.</summary>
/// <param name="Manifest">What is in the archive.</param>
/// <param name="Sha256">SHA-256 of the archive itself.</param>
/// <param name="SetAside">The folder that took the files which stood there before; null when there were none.</param>
internal sealed record BackupOutcome(BackupManifest Manifest, string Sha256, string? SetAside);

/// <summary>JSON of archives.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
