namespace Parley.Sqlite;

/// <summary>One step of a database's schema. Steps go forward only; a step that was released never changes.</summary>
/// <param name="Version">1, 2, 3 ... without gaps; kept in <c>user_version</c>.</param>
/// <param name="Name">What the step adds, for the log.</param>
/// <param name="Sql">Statements that run in one transaction, with foreign keys unchecked until its end.</param>
public sealed record Migration(int Version, string Name, string Sql);
